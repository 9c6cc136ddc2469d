import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildCommand } from "../../scripts/build/command.ts";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { install } from "../../src/ops/install.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { homeOf, installRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel } from "../support/toy-channel.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** Says how it was given its streams, where the system tells, and then what it reads. */
const ECHOES = `#!/bin/sh
if [ "$1" = --version ]; then echo "toy 1.0.0"; exit; fi
for stream in 0 1 2; do
  if [ -r /proc/$$/fdinfo/$stream ]; then grep flags "/proc/$$/fdinfo/$stream"; fi
done
echo ready
exec cat
`;
/** Of the flags, in octal. */
const NON_BLOCKING = 0o4000;
const BUILT = "built/bin/start.cjs";

const world: TestWorld & Disposable = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
const skip = process.platform === "win32" ? "no engine takes this process's place there" : false;

before(async () => {
  const command = join(world.folder, "built", "dist", "command");
  mkdirSync(command, { recursive: true });
  for (const name of ["bin", "package.json"]) {
    cpSync(join(PROJECT, name), join(world.folder, "built", name), { recursive: true });
  }
  for (const [name, text] of await buildCommand(PROJECT)) writeFileSync(join(command, name), text);
  const channel = await makeToyChannel(world);
  await channel.release("toy", "1.0.0", { files: { toy: ECHOES } });
  await channel.deploy("toy", "1.0.0", 0);
  await channel.publish(10);
  await install(world, installRequest(world, channel));
});
after(() => world[Symbol.dispose]());

for (const [start, from] of [
  [join(PROJECT, "src", "main.ts"), "from source"],
  [join(world.folder, BUILT), "built"],
] as const) {
  for (const [flag, read] of [
    [["--home", homeOf(world)], "in short words"],
    [[`--home=${homeOf(world)}`], "in words for the parser"],
  ] as const) {
    test(`exec ${from}, ${read}: an engine's streams wait, as its caller's do`, { skip }, async () => {
      const words = ["exec", ...flag, "toy", "--epoch", "5", "--", "echo"];
      // a socket each, of which the engine has one end
      const child = spawn(process.execPath, [start, ...words], { timeout: 60_000, killSignal: "SIGKILL" });
      const said: string[] = [];
      const errors: string[] = [];
      child.stderr.on("data", (bytes: Buffer) => errors.push(String(bytes)));
      const isReady = new Promise<void>((resolve) => {
        child.stdout.on("data", (bytes: Buffer) => {
          said.push(String(bytes));
          if (said.join("").includes("ready\n")) resolve();
        });
      });
      const ended = once(child, "close");
      await Promise.race([isReady, ended]);
      // it has nothing to read yet, and asks
      child.stdin.on("error", () => {});
      setTimeout(() => child.stdin.end("hello\n"), 200);
      const [status] = await ended;
      assert.deepEqual([status, errors.join("")], [0, ""]);
      const [flags = "", heard] = said.join("").split("ready\n");
      assert.equal(heard, "hello\n");
      const modes = [...flags.matchAll(/flags:\s*(\d+)/g)].map(([, mode = ""]) => Number.parseInt(mode, 8));
      assert.equal(modes.length, process.platform === "linux" ? 3 : 0);
      assert.deepEqual(
        modes.filter((mode) => (mode & NON_BLOCKING) !== 0),
        [],
      );
    });
  }
}
