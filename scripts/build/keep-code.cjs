// Runs one verb as bin/start.cjs does, and keeps what V8 compiled for it: `node keep-code.cjs START FOLDER NAME WORDS...`.
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");

const [, , start, folder, name, ...words] = process.argv;
process.argv.splice(1, process.argv.length, start, ...words);
const { loaded } = require(start);

function keep() {
  for (const [file, { script }] of Object.entries(loaded)) {
    writeFileSync(join(folder, `${name}.${file}`), script.createCachedData());
  }
}

process.on("exit", keep);
const { execve } = process;
// `exec` becomes the engine and never exits
process.execve = (...all) => {
  keep();
  execve(...all);
};
