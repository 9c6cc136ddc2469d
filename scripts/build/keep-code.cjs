// Runs one verb as bin/start.cjs does, and keeps what V8 compiled for it: `node keep-code.cjs START FOLDER NAME WORDS...`.
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { setFlagsFromString } = require("node:v8");
const vm = require("node:vm");

const [, , start, folder, name, ...words] = process.argv;
/** What fetches: which of its functions are called is decided by a network's moments. All are compiled when it is loaded, or builds would differ. */
const BY_CHANCE = "web";
const asLoaded = new Map();
const { Script } = vm;
vm.Script = class extends Script {
  constructor(source, options) {
    const byChance = String(options?.filename).endsWith(`${BY_CHANCE}.cjs`);
    if (byChance) setFlagsFromString("--no-lazy");
    super(source, options);
    setFlagsFromString("--lazy");
    asLoaded.set(this, this.createCachedData());
  }
};

process.argv.splice(1, process.argv.length, start, ...words);
const { loaded } = require(start);

function keep() {
  for (const [file, { script }] of Object.entries(loaded)) {
    const kept = file === BY_CHANCE ? asLoaded.get(script) : script.createCachedData();
    writeFileSync(join(folder, `${name}.${file}`), kept);
  }
}

process.on("exit", keep);
const { execve } = process;
// `exec` becomes the engine and never exits
process.execve = (...all) => {
  keep();
  execve(...all);
};
