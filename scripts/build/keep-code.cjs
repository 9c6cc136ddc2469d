// Runs one verb as bin/start.cjs does, and keeps what V8 compiled for it: `node keep-code.cjs START FOLDER NAME WORDS...`.
const fs = require("node:fs");
const { join } = require("node:path");

// A machine without an id of its own, or with another's /proc, has other functions run, and so compiled: each build asks this one.
const machine = {
  "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
  "/proc/self": `${process.pid}`,
  "/proc/self/ns/pid": "pid:[4026531836]",
  [`/proc/${process.pid}/task/${process.pid}/stat`]: `${process.pid} (node) R ${"1 ".repeat(49)}`,
};
for (const name of ["readFileSync", "readlinkSync"]) {
  const ask = fs[name];
  fs[name] = (path, ...how) => machine[path] ?? ask(path, ...how);
}

const [, , start, folder, name, ...words] = process.argv;
process.argv.splice(1, process.argv.length, start, ...words);
const { loaded } = require(start);

function keep() {
  for (const [file, { script }] of Object.entries(loaded)) {
    fs.writeFileSync(join(folder, `${name}.${file}`), script.createCachedData());
  }
}

process.on("exit", keep);
const { execve } = process;
// `exec` becomes the engine and never exits
process.execve = (...all) => {
  keep();
  execve(...all);
};
