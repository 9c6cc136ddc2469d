import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { codeCacheOf } from "../../scripts/build/code-cache.ts";
import { BUILD_ID, buildCommand } from "../../scripts/build/command.ts";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installedToys, publishThird } from "../support/installed-toys.ts";
import { homeOf, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** Parts of Node that a bare start has not loaded, and that each take a twentieth of its time or more. */
const DEAR = [
  "assert",
  "crypto",
  "child_process",
  "zlib",
  "net",
  "tty",
  "stream",
  "http",
  "worker_threads",
  "fs/promises",
];

const world: TestWorld & Disposable = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
/** The command line as it is built, in a folder of its own. */
const built = join(world.folder, "built");
const command = join(built, "dist", "command");

let channel: Awaited<ReturnType<typeof installedToys>>;

before(async () => {
  mkdirSync(command, { recursive: true });
  for (const name of ["bin", "package.json"]) cpSync(join(PROJECT, name), join(built, name), { recursive: true });
  for (const [name, text] of await buildCommand(PROJECT)) writeFileSync(join(command, name), text);
  const tell = "process.on('exit', () => require('fs').writeSync(2, JSON.stringify(process.moduleLoadList)));";
  writeFileSync(join(built, "tell.cjs"), tell);
  channel = await installedToys(world);
});
after(() => world[Symbol.dispose]());

function node(...words: readonly string[]) {
  const env = { PATH: process.env["PATH"], HOME: world.folder, ENGINERY_HOME: homeOf(world) };
  return spawnSync(process.execPath, words, { encoding: "utf8", timeout: 120_000, killSignal: "SIGKILL", env });
}

/** What of Node a call loads, and which of our files. */
function loadedBy(...words: readonly string[]) {
  const { status, stderr } = node("--require", join(built, "tell.cjs"), join(built, "bin", "start.cjs"), ...words);
  assert.equal(status, 0, stderr);
  const list = JSON.parse(stderr) as readonly string[];
  return DEAR.filter((name) => list.includes(`NativeModule ${name}`));
}

/** With what V8 compiled kept beside the code, as the build leaves it. */
function keep(...words: readonly string[]): void {
  const codeCache = codeCacheOf(command);
  mkdirSync(codeCache, { recursive: true });
  const start = join(built, "bin", "start.cjs");
  const kept = node(join(PROJECT, "scripts", "build", "keep-code.cjs"), start, codeCache, words[0] ?? "", ...words);
  assert.equal(kept.status, 0, kept.stderr);
}

test("which, list, pins and the completion of names load nothing of Node that a start without a verb would not", () => {
  keep("which", "toy", "--epoch", "50");
  const complete = ["__complete", "bash", "enginery which t", "t"];
  for (const words of [["which", "toy", "--epoch", "50"], ["list"], ["pins"], complete]) {
    assert.deepEqual(loadedBy(...words), [], words.join(" "));
  }
});

test("pin, unpin and rollback load nothing of it either, the lock's library and its own needs included", async () => {
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
  for (const words of [["pin", "tenant", "toy@1.0.0"], ["unpin", "tenant", "toy"], ["rollback"]]) {
    assert.deepEqual(loadedBy(...words), [], words.join(" "));
  }
});

test("which reads one file of the command line, and prints the same with its compiled code, without, and from other code", () => {
  const which = () => node(join(built, "bin", "start.cjs"), "which", "toy", "--epoch", "50", "--why");
  const first = which();
  assert.deepEqual([first.status, first.stderr], [0, ""]);
  const codeCache = codeCacheOf(command);
  const kept = join(codeCache, "which.start");
  assert.ok(existsSync(kept));
  assert.ok(!existsSync(join(codeCache, "which.upgrade")) && !existsSync(join(codeCache, "which.rest")));
  // V8 refuses what it did not compile from this source and goes on without
  writeFileSync(kept, "no code of V8's");
  assert.equal(which().stdout, first.stdout);
  writeFileSync(kept, "");
  assert.equal(which().stdout, first.stdout);
});

test("what speaks HTTP/1.1 loads neither Node's own nor its half for HTTP/2", () => {
  const httpOf = (more: string) => {
    const ask = `const { load } = require(${JSON.stringify(join(command, "load.cjs"))}); load("web")["src/adapters/fetch/undici-parts.ts"](); ${more}`;
    const { status, stderr } = node("--require", join(built, "tell.cjs"), "-e", ask);
    assert.equal(status, 0, stderr);
    const list = JSON.parse(stderr) as readonly string[];
    return ["http", "http2"].filter((name) => list.includes(`NativeModule ${name}`));
  };
  assert.deepEqual(httpOf(""), []);
  assert.deepEqual(httpOf('require("http2")'), ["http", "http2"]);
});

test("each file of the command line is plain ASCII, as a byte is read as a character, and runs where nothing compiled is kept", () => {
  for (const name of readdirSync(command).filter((each) => each.endsWith(".cjs"))) {
    assert.match(readFileSync(join(command, name), "latin1"), /^[\0-\x7f]*$/, name);
  }
  const codeCache = codeCacheOf(command);
  renameSync(codeCache, `${codeCache}.aside`);
  const { status, stdout, stderr } = node(join(built, "bin", "start.cjs"), "which", "toy", "--epoch", "50");
  renameSync(`${codeCache}.aside`, codeCache);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /toy/);
});

test("what was compiled of another build is not run, though V8 itself holds it against the length of its source alone", () => {
  const start = join(command, "start.cjs");
  const which = () => node(join(built, "bin", "start.cjs"), "which", "toy", "--epoch", "50", "--why").stdout;
  keep("which", "toy", "--epoch", "50", "--why");
  const before = which();
  assert.match(before, /No tenant was named/);
  writeFileSync(start, readFileSync(start, "utf8").replaceAll("No tenant was named", "NO TENANT WAS NAMED"));
  assert.equal(which(), before, "V8 looks closer than at the length now: the build's id may go");
  writeFileSync(join(command, BUILD_ID), "another");
  assert.match(which(), /NO TENANT WAS NAMED/);
});

const scriptMissing = spawnSync("script", ["--version"]).error === undefined ? false : "script is not there";

test("a built command asks on a terminal, and changes nothing without a yes", { skip: scriptMissing }, () => {
  const receipt = join(world.folder, "receipt.json");
  const kept = { format: 2, way: "checkout", command: join(world.folder, "enginery"), made: [] };
  writeFileSync(receipt, JSON.stringify(kept), { mode: 0o644 });
  const line = `'${process.execPath}' '${join(built, "bin", "start.cjs")}' uninstall --receipt '${receipt}'`;
  // whether the answer or the end of it comes first is the terminal's business
  const { stdout } = spawnSync("sh", ["-c", `printf 'n\\n' | script -qec "${line}" /dev/null`], {
    encoding: "utf8",
    timeout: 120_000,
    killSignal: "SIGKILL",
    env: { PATH: process.env["PATH"], HOME: world.folder, ENGINERY_HOME: homeOf(world), TERM: "xterm" },
  });
  assert.match(stdout, /Remove these for good\?/);
  assert.match(stdout, /refused The (answer was no|question was broken off)/);
  assert.ok(existsSync(receipt));
});
