// What a single file runs first: the files of dist/command/ from within itself, with the code that V8 compiled for them where there is any.
const { getRawAsset } = require("node:sea");
const { Script } = require("node:vm");

// by whatever name it was found: launchers hand over to this very file
process.argv[1] = process.execPath;
const loaded = {};
const [, , verb] = process.argv;
if (process.argv.length === 3 && /^(--version|-V)$/.test(verb)) {
  // Answered before anything is loaded.
  process.stdout.on("error", tellLost);
  process.stdout.write(`enginery ${textOf("version")}\n`);
} else {
  load("start")["src/main.ts"]();
}

function load(name) {
  if (loaded[name]) return loaded[name].exports;
  // as bin/start.cjs loads them: what was compiled there is for this very text
  const script = new Script(textOf(`${name}.cjs`), { filename: `enginery/${name}.cjs`, cachedData: compiled(name) });
  const module = { exports: {} };
  loaded[name] = module;
  script.runInThisContext()(module.exports, requireFrom, module);
  return module.exports;
}

/** As src/main.ts does: whoever reads may stop reading; a full disk is a failure. */
function tellLost(error) {
  if (error.code === "EPIPE") return;
  process.exitCode = 7;
  process.stderr.on("error", () => {});
  process.stderr.write(
    `enginery: error io The answer could not be written to stdout: ${error.message}.\nGive stdout some room and ask again.\n`,
  );
}

/** For the verb that is asked where there is any. V8 passes over what it did not compile itself. */
function compiled(name) {
  for (const each of [verb, "other", "upgrade"]) {
    const found = assetOf(`${each}.${name}`);
    if (found) return found;
  }
  return undefined;
}

// the files ask for each other and for Node's own modules, and for nothing else
function requireFrom(name) {
  return name === "./load.cjs" ? { load } : require(name);
}

function textOf(name) {
  return assetOf(name).latin1Slice();
}

function assetOf(name) {
  try {
    return Buffer.from(getRawAsset(name));
  } catch {
    return undefined;
  }
}
