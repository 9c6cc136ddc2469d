// Loaded before a program: kills it (SIGKILL) before the KILL_AT-th call that changes the disk; a write is also killed half way.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const at = Number(process.env.KILL_AT);
let calls = 0;

function point() {
  calls += 1;
  if (calls === at) process.kill(process.pid, "SIGKILL");
}

for (const name of ["writeSync", "fsyncSync", "renameSync", "mkdirSync", "unlinkSync", "rmSync"]) {
  const real = fs[name];
  fs[name] = (...words) => {
    point();
    if (name === "writeSync" && calls + 1 === at) {
      const [file, bytes, offset = 0] = words;
      real(file, bytes, offset, Math.floor((bytes.length - offset) / 2));
    }
    if (name === "writeSync") point();
    return real(...words);
  };
}
const open = fs.openSync;
fs.openSync = (path, how, ...rest) => {
  if (how !== "r") point();
  return open(path, how, ...rest);
};
syncBuiltinESMExports();
