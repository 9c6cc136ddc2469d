import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isMusl } from "../../src/adapters/c-library.ts";
import { abilitiesOf } from "../../src/adapters/host-abilities.ts";
import { nodeClock } from "../../src/adapters/node-clock.ts";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import { nodeHost, platformOf } from "../../src/adapters/node-host.ts";
import { fromDevice, nodeIdentifiers } from "../../src/adapters/node-identifiers.ts";
import { deviceName } from "../../src/adapters/proc.ts";

const onLinux = { skip: process.platform !== "linux" };

test("a platform is the system, the architecture, and musl where it is", () => {
  assert.equal(
    platformOf("linux", "x64", () => true),
    "linux-x64-musl",
  );
  assert.equal(
    platformOf("linux", "arm64", () => false),
    "linux-arm64",
  );
  assert.equal(
    platformOf("win32", "x64", () => assert.fail()),
    "win32-x64",
  );
  assert.match(nodeHost().platform, /^\w+-\w+(-musl)?$/);
});

test(
  "whether Node runs on musl is read from the loader that its program names, and from its report where it names none",
  onLinux,
  () => {
    const program = (text: string) => {
      const path = join(tmpdir(), `enginery-loader-${process.pid}`);
      writeFileSync(path, `\x7fELF\0${text}\0`);
      try {
        return isMusl(path);
      } finally {
        rmSync(path);
      }
    };
    const own = nodeHost().platform.endsWith("-musl");
    assert.equal(program("/lib/ld-musl-x86_64.so.1"), true);
    assert.equal(program("/lib64/ld-linux-x86-64.so.2"), false);
    assert.equal(program("/nix/store/ld-musl-notes/lib/ld-linux-aarch64.so.1"), false);
    for (const unsaid of [program("nothing"), isMusl("/none")]) assert.equal(unsaid, own);
  },
);

test(
  "names come from a device that gives all that it is asked for, and from nothing that stands in its place",
  onLinux,
  () => {
    assert.equal(fromDevice("/dev/urandom", 256)?.length, 256);
    for (const other of ["/dev/null", "/dev/none", process.execPath]) assert.equal(fromDevice(other, 256), undefined);
    const names = Array.from({ length: 100 }, () => nodeIdentifiers.operation());
    assert.equal(new Set(names).size, 100);
  },
);

test("this process is what a lease says of it", onLinux, () => {
  const host = nodeHost();
  const { pid, started, boot, machine, namespace } = host.self();
  assert.equal(pid, process.pid);
  assert.equal(started, host.startedOf(process.pid));
  for (const pid of [2 ** 31, Number.MAX_SAFE_INTEGER]) assert.equal(host.startedOf(pid), null, "no OS counts so far");
  assert.equal(boot, readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  assert.ok(machine);
  assert.deepEqual(host.namespaces()[0], namespace);
  const proc = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.split(" ")[4] === "/proc");
  assert.equal(host.namespaces()[1], `dev:${proc.at(-1)?.split(" ")[2]}`);
});

test("a process has a start time until it ends, and then none", onLinux, async () => {
  const host = nodeHost();
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const started = host.startedOf(child.pid ?? 0);
  assert.match(started ?? "", /^\d+$/);
  assert.ok(Number(started) >= Number(host.startedOf(process.pid)));
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(host.startedOf(child.pid ?? 0), null);
});

test("a zombie runs nothing any more", onLinux, async () => {
  // The parent never waits for its child.
  const parent = spawn("sh", ["-c", "sleep 0.01 & echo $!; exec sleep 60"]);
  const [output] = await once(parent.stdout, "data");
  const pid = Number(String(output));
  const host = nodeHost();
  for (let tries = 0; tries < 200 && host.startedOf(pid) !== null; tries++)
    await new Promise((done) => setTimeout(done, 5));
  const state = spawnSync("cat", [`/proc/${pid}/stat`], { encoding: "utf8" }).stdout.split(") ")[1]?.[0];
  assert.equal(host.startedOf(pid), null);
  assert.ok(state === "Z" || state === undefined);
  parent.kill("SIGKILL");
  await once(parent, "exit");
});

test("device numbers read as the kernel writes them", () => {
  assert.equal(deviceName(21), "dev:0:21");
  assert.equal(deviceName(0xfe00), "dev:254:0");
  assert.equal(deviceName(0x100000 + 0x05), "dev:0:261");
});

test("hashes, names and the clock", () => {
  const abc = new TextEncoder().encode("abc");
  const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(nodeDigester.sha256(abc), expected);
  const running = nodeDigester.start();
  running.update(abc.subarray(0, 1));
  running.update(abc.subarray(1));
  assert.equal(running.finish(), expected);
  assert.match(nodeIdentifiers.operation(), /^[0-9a-f]{32}$/);
  assert.notEqual(nodeIdentifiers.operation(), nodeIdentifiers.operation());
  assert.ok(Math.abs(nodeClock.now() - Date.now()) < 1000);
});

test("what programs find here is what this host has", onLinux, () => {
  const { systemVersion, x86Level, systemFolders, cachedLibraries } = nodeHost().abilities();
  assert.ok(readFileSync("/proc/sys/kernel/osrelease", "utf8").startsWith(systemVersion.join(".")));
  assert.ok(systemVersion.length >= 2);
  assert.equal(x86Level !== undefined, process.arch === "x64");
  assert.ok(systemFolders.includes("/lib"));
  if (existsSync("/etc/ld.so.cache")) assert.ok(cachedLibraries.has("libc.so.6"));
});

test("folders that the environment names are told, but for those of the working folder", onLinux, () => {
  const env = { LD_LIBRARY_PATH: "/one:relative:/two;/three:" };
  assert.deepEqual(abilitiesOf(`linux-${process.arch}`, env).namedFolders, ["/one", "/two", "/three"]);
  assert.deepEqual(abilitiesOf("linux-x64-musl", {}).cachedLibraries.size, 0);
  assert.deepEqual(abilitiesOf("plan9-x64", {}).systemVersion, []);
});
