import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import { nodeHost } from "../../src/adapters/node-host.ts";
import type { Home } from "../../src/store/home.ts";
import { launcherTexts } from "../../src/store/launchers.ts";
import { forEveryKillPoint } from "../sim/killing-file-system.ts";
import {
  disk,
  generation,
  newHome,
  OPERATION,
  ports,
  reopen,
  scratch,
  statements,
  type ToyRelease,
} from "./support/scratch.ts";
import { snapshotOf } from "./support/snapshot.ts";

const EXECUTABLE = { path: "bin/x", kind: "executable" } as const;
const LIBRARY = { path: "lib/libpink.so", kind: "library" } as const;
const FILES = { "bin/x": "" };

function commit(home: Home, engine: string, releases: readonly ToyRelease[], number = home.generations.nextNumber()) {
  const { generation: next, manifest } = statements(engine, releases, { number });
  home.views.writeIndex(next, manifest);
  assert.equal(home.generations.commit(next), "committed");
  home.views.settle(next, manifest);
  return { next, manifest, text: (name = engine) => readFileSync(indexOf(home, next, name), "utf8") };
}

function indexOf(home: Home, { number, operation }: { number: number; operation: string }, engine: string) {
  return `${home.path}/index/${String(number).padStart(8, "0")}.${operation}/${engine}`;
}

test("the index lists the deployments, newest first, with the files of those installed", () => {
  using place = scratch();
  const { next, text } = commit(newHome(place.home), "xsnap", [
    {
      version: "1.0.0",
      validFrom: 0,
      files: FILES,
      entries: { xsnap: EXECUTABLE, tool: { ...EXECUTABLE, path: "bin/a b" } },
    },
    { version: "3.0.0", validFrom: 200 },
    { version: "2.0.0", validFrom: 100, files: FILES, entries: { only: EXECUTABLE } },
    { version: "9.0.0", files: FILES, entries: { xsnap: EXECUTABLE } },
  ]);
  const tree = next.installations[0]?.tree;
  assert.equal(
    text(),
    "enginery-index 1 00000001 xsnap scheduled all 6\n" +
      "200 3.0.0 0 - - -\n" +
      `100 2.0.0 1 ${tree} * bin/x\n100 2.0.0 1 ${tree} only bin/x\n` +
      `0 1.0.0 1 ${tree} * bin/x\n0 1.0.0 1 ${tree} xsnap bin/x\n0 1.0.0 1 ${tree} tool bin/a b\n`,
  );
});

test("beyond 32 deployments the index says that there are more", () => {
  using place = scratch();
  const releases = Array.from({ length: 33 }, (_, at) => ({ version: `1.${at}.0`, validFrom: at }));
  const lines = commit(newHome(place.home), "xsnap", releases).text().trim().split("\n");
  assert.equal(lines[0], "enginery-index 1 00000001 xsnap scheduled newest 32");
  assert.equal(lines.length, 33);
  assert.match(lines.at(-1) ?? "", /^1 1\.1\.0 /);
});

test("where the epoch does not matter the index says so", () => {
  using place = scratch();
  const home = newHome(place.home);
  const one = [{ version: "1.0.0", validFrom: 0, files: FILES, entries: { xsnap: EXECUTABLE } }];
  assert.match(commit(home, "xsnap", one).text(), /^enginery-index 1 00000001 xsnap always all 2\nany 1\.0\.0 1 /);
  const { generation: next, manifest } = statements("wasm", [
    { version: "2.0.0", files: FILES, entries: { wasm: EXECUTABLE } },
  ]);
  home.views.writeIndex({ ...next, selections: { wasm: "2.0.0" } }, manifest);
  assert.match(
    readFileSync(indexOf(home, next, "wasm"), "utf8"),
    /^enginery-index 1 00000001 wasm always all 2\nany 2\.0\.0 1 /,
  );
  home.views.writeIndex({ ...next, operation: OPERATION }, manifest);
  assert.match(readFileSync(indexOf(home, { ...next, operation: OPERATION }, "wasm"), "utf8"), / wasm none all 0\n$/);
});

test("a release that is installed with other bytes than the manifest names is none", () => {
  using place = scratch();
  const home = newHome(place.home);
  const { generation: next, manifest } = statements("xsnap", [
    { version: "1.0.0", validFrom: 1, files: FILES, entries: { xsnap: EXECUTABLE } },
  ]);
  const other = { ...next, installations: next.installations.map((one) => ({ ...one, tree: "f".repeat(64) })) };
  home.views.writeIndex(other, manifest);
  assert.match(readFileSync(indexOf(home, next, "xsnap"), "utf8"), /\n1 1\.0\.0 0 - - -\n$/);
});

test("two writers at one number each have an index of their own", () => {
  using place = scratch();
  const home = newHome(place.home);
  const ours = statements("xsnap", [{ version: "1.0.0", validFrom: 1 }]);
  const theirs = statements("xsnap", [{ version: "2.0.0", validFrom: 2 }]);
  home.views.writeIndex(ours.generation, ours.manifest);
  assert.equal(home.generations.commit(ours.generation), "committed");
  home.views.writeIndex(theirs.generation, theirs.manifest);
  assert.match(readFileSync(indexOf(home, ours.generation, "xsnap"), "utf8"), / 1\.0\.0 /);
  home.views.settle(ours.generation, ours.manifest);
  assert.deepEqual(readdirSync(`${place.home}/index`), [`00000001.${ours.generation.operation}`]);
});

test("bin/ has a launcher an engine and one for each entry point that is nobody else's name", () => {
  using place = scratch();
  const home = newHome(place.home);
  const first = statements("polkadot", [
    {
      version: "1.0.0",
      validFrom: 1,
      files: FILES,
      entries: { polkadot: EXECUTABLE, worker: EXECUTABLE, wasm: EXECUTABLE, shared: EXECUTABLE },
    },
  ]);
  const second = statements("wasm", [
    { version: "1.0.0", validFrom: 1, files: FILES, entries: { wasm: EXECUTABLE, shared: EXECUTABLE } },
  ]);
  const third = statements("pink", [{ version: "1.2.3", validFrom: 1, files: FILES, entries: { pink: LIBRARY } }]);
  const installations = [first, second, third].flatMap((one) => one.generation.installations);
  const manifest = {
    ...first.manifest,
    engines: { ...first.manifest.engines, ...second.manifest.engines, ...third.manifest.engines },
  };
  const next = generation(1, { installations });
  home.generations.commit(next);
  home.views.settle(next, manifest);
  assert.deepEqual(readdirSync(`${place.home}/bin`).sort(), ["polkadot", "wasm", "worker"]);
  assert.match(readFileSync(`${place.home}/bin/wasm`, "utf8"), /enginery_engine='wasm'\nenginery_entry='\*'/);
  assert.match(readFileSync(`${place.home}/bin/worker`, "utf8"), /enginery_engine='polkadot'\nenginery_entry='worker'/);
  assert.equal(statSync(`${place.home}/bin/wasm`).mode & 0o7777, 0o755);
  assert.deepEqual(readdirSync(`${place.home}/lib`), ["libpink.so.1.2"]);
  assert.equal(readlinkSync(`${place.home}/lib/libpink.so.1.2`), "../engines/pink/1.2.3/lib/libpink.so");
});

test("settle mends what was changed, removes what is not wanted, and then changes nothing", () => {
  using place = scratch();
  const home = newHome(place.home);
  const { next, manifest } = commit(home, "xsnap", [
    { version: "1.0.0", validFrom: 1, files: FILES, entries: { xsnap: EXECUTABLE, pink: LIBRARY } },
  ]);
  const right = snapshotOf(place.home);
  writeFileSync(`${place.home}/bin/xsnap`, "evil");
  chmodSync(`${place.home}/bin/xsnap`, 0o777);
  writeFileSync(`${place.home}/bin/other`, "");
  mkdirSync(`${place.home}/lib/folder`);
  rmSync(`${place.home}/lib/libpink.so.1.0`);
  writeFileSync(`${place.home}/lib/libpink.so.1.0`, "a file");
  writeFileSync(indexOf(home, next, "xsnap"), "");
  writeFileSync(indexOf(home, next, "more"), "");
  home.views.settle(next, manifest);
  home.staging.sweepTrash();
  assert.deepEqual(snapshotOf(place.home), right);
  chmodSync(`${place.home}/bin/xsnap`, 0o777);
  home.views.settle(next, manifest);
  assert.deepEqual(snapshotOf(place.home), right);
  const inode = statSync(`${place.home}/bin/xsnap`).ino;
  home.views.settle(next, manifest);
  assert.equal(statSync(`${place.home}/bin/xsnap`).ino, inode);
});

test("a launcher that is not as it would be made now is told; one that hands over to another Enginery is as good", () => {
  using place = scratch();
  const home = newHome(place.home, { host: nodeHost("/opt/one/enginery") });
  const { next, manifest } = commit(home, "xsnap", [
    { version: "1.0.0", validFrom: 1, files: FILES, entries: { xsnap: EXECUTABLE } },
  ]);
  const launcher = `${place.home}/bin/xsnap`;
  const sound = readFileSync(launcher, "utf8");
  const other = reopen(place.home, { host: nodeHost("/opt/another's/enginery") });
  for (const one of [home, other]) assert.deepEqual(one.views.outdated(next, manifest), []);
  const elsewhere = sound.replace(place.home, `${place.home}-copied-from`);
  for (const text of [
    elsewhere,
    sound.replace("exec", "evil"),
    `${sound}\n`,
    sound.slice(0, -1),
    "",
    "\0".repeat(70_000),
  ]) {
    writeFileSync(launcher, text);
    assert.deepEqual(other.views.outdated(next, manifest), ["bin/xsnap"]);
  }
  writeFileSync(launcher, sound);
  chmodSync(launcher, 0o777);
  assert.deepEqual(home.views.outdated(next, manifest), ["bin/xsnap"]);
  home.views.settle(next, manifest);
  assert.deepEqual(home.views.outdated(next, manifest), []);
});

test("a file of gigabytes where a small text was is made anew, unread", () => {
  using place = scratch();
  const home = newHome(place.home);
  const { next, manifest } = commit(home, "xsnap", [
    { version: "1.0.0", validFrom: 1, files: FILES, entries: { xsnap: EXECUTABLE } },
  ]);
  const right = snapshotOf(place.home);
  for (const path of [`${place.home}/bin/xsnap`, indexOf(home, next, "xsnap")]) truncateSync(path, 3 * 1024 ** 3);
  home.views.settle(next, manifest);
  home.staging.sweepTrash();
  assert.deepEqual(snapshotOf(place.home), right);
});

test("settle of a generation that is no more the newest changes nothing", () => {
  using place = scratch();
  const home = newHome(place.home);
  const old = commit(home, "xsnap", [{ version: "1.0.0", validFrom: 1, files: FILES, entries: { xsnap: EXECUTABLE } }]);
  commit(home, "wasm", [{ version: "1.0.0", validFrom: 1, files: FILES, entries: { wasm: EXECUTABLE } }]);
  const before = snapshotOf(place.home);
  home.views.settle(old.next, old.manifest);
  assert.deepEqual(snapshotOf(place.home), before);
  assert.deepEqual(readdirSync(`${place.home}/bin`), ["wasm"]);
});

test("settle leaves the index of a writer who has not committed yet", () => {
  using place = scratch();
  const home = newHome(place.home);
  const { next, manifest } = commit(home, "xsnap", [{ version: "1.0.0", validFrom: 1 }]);
  const coming = statements("xsnap", [{ version: "2.0.0", validFrom: 1 }], { number: 2 });
  home.views.writeIndex(coming.generation, coming.manifest);
  home.views.settle(next, manifest);
  assert.equal(readdirSync(`${place.home}/index`).length, 2);
});

test("on Windows bin/ holds .cmd files with their own line ends, and lib/ nothing", () => {
  using place = scratch();
  const host = { ...nodeHost("C:\\100%\\enginery.cmd"), platform: "win32-x64" };
  const home = reopen(newHome(place.home).path, { host });
  commit(home, "xsnap", [
    { version: "1.0.0", validFrom: 1, files: FILES, entries: { xsnap: EXECUTABLE, tool: EXECUTABLE, pink: LIBRARY } },
  ]);
  assert.deepEqual(readdirSync(`${place.home}/bin`).sort(), ["tool.cmd", "xsnap.cmd"]);
  const text = readFileSync(`${place.home}/bin/tool.cmd`, "utf8");
  assert.match(text, /set "enginery_command=C:\\100%%\\enginery\.cmd"\r\n/);
  assert.match(text, /exec --home ".*" --entry "tool" "xsnap" -- %\*\r\n$/);
  assert.match(readFileSync(`${place.home}/bin/xsnap.cmd`, "utf8"), /exec --home "[^"]*" "xsnap" -- %\*/);
  assert.deepEqual(readdirSync(`${place.home}/lib`), []);
});

test("on Windows paths that cmd would read in another code page are said by the launcher's own place", () => {
  const at = (home: string, command: string) => {
    const installations = [{ engine: "toy", version: "1.0.0", entries: { toy: EXECUTABLE } }] as unknown;
    const generation = { installations } as Parameters<typeof launcherTexts>[0];
    const text = launcherTexts(generation, { home, command, windows: true }).get("toy.cmd") ?? "";
    const [, handsTo, place] = /enginery_command=([^"\r]*)"\r\n[\s\S]*--home "([^"]*)"/.exec(text) ?? [];
    return [handsTo, place];
  };
  const jose = "C:\\Users\\José";
  const home = `${jose}\\AppData\\Local\\enginery`;
  const own = "%~dp0..";
  assert.deepEqual(at(home, `${jose}\\AppData\\Local\\enginery-self\\bin\\enginery.cmd`), [
    `%~dp0..\\..\\enginery-self\\bin\\enginery.cmd`,
    own,
  ]);
  assert.deepEqual(at(home.replaceAll("\\", "/"), "c:\\100%\\enginery.exe"), ["c:\\100%%\\enginery.exe", own]);
  assert.deepEqual(at("D:\\engines", `${jose}\\e.exe`), [`${jose}\\e.exe`, "D:\\engines"], "on another drive");
  assert.deepEqual(at("C:\\é", "C:\\é\\ü\\e.exe"), ["C:\\é\\ü\\e.exe", own], "no plain way to it");
});

test("on Windows a launcher that cmd cannot start is told of when it is made; elsewhere paths may be long", () => {
  using place = scratch();
  const warnings: string[] = [];
  const reporter = {
    ...ports().reporter,
    warn: (code: string, message: string) => void warnings.push(`${code} ${message}`),
  };
  const at = (command: string, platform: string) =>
    reopen(place.home, { reporter, host: { ...nodeHost(command), platform } });
  newHome(place.home);
  const release = { version: "1.0.0", validFrom: 1, files: FILES, entries: { xsnap: EXECUTABLE } };
  const deep = (characters: number) => `C:\\${"x".repeat(characters - 7)}.exe`;
  const commitAt = (home: Home) => commit(home, "xsnap", [release]).next;
  commitAt(at(deep(259), "win32-x64"));
  commitAt(at(deep(260), "linux-x64"));
  assert.deepEqual(warnings, []);
  const windows = at(deep(260), "win32-x64");
  const next = commitAt(windows);
  windows.views.settle(next, statements("xsnap", [release], { number: next.number }).manifest);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? "",
    /^long-path Paths are too long for cmd to start bin\/xsnap\.cmd\. Call enginery exec\./,
  );
  assert.deepEqual(windows.views.outOfReach(next), ["bin/xsnap.cmd"]);
});

test("two releases that claim one library name leave it out and say so", () => {
  using place = scratch();
  const warnings: string[] = [];
  const reporter = { ...ports().reporter, warn: (_: string, message: string) => void warnings.push(message) };
  newHome(place.home);
  commit(reopen(place.home, { reporter }), "pink", [
    { version: "1.2.0", validFrom: 1, files: FILES, entries: { pink: LIBRARY } },
    { version: "1.2.1", validFrom: 2, files: FILES, entries: { pink: LIBRARY } },
  ]);
  assert.deepEqual(readdirSync(`${place.home}/lib`), []);
  assert.match(warnings[0] ?? "", /libpink\.so\.1\.2/);
});

test("killed at every point of writing an index, committing and settling: launchers are never behind", async () => {
  using place = scratch();
  let number = 0;
  const old = [{ version: "1.0.0", validFrom: 1, files: FILES, entries: { xsnap: EXECUTABLE } }];
  const both = [
    ...old,
    { version: "2.0.0", validFrom: 5, files: FILES, entries: { xsnap: EXECUTABLE, tool: EXECUTABLE } },
  ];
  const points = await forEveryKillPoint({
    real: disk,
    torn: true,
    arrange: () => {
      const path = `${place.path}/${++number}`;
      commit(newHome(path), "xsnap", old);
      return path;
    },
    act: (fileSystem, path) => commit(reopen(path, { fileSystem }), "xsnap", both, 2),
    check: (path, killedAt) => {
      const home = reopen(path);
      const newest = home.generations.newest() ?? assert.fail();
      const text = readFileSync(indexOf(home, newest, "xsnap"), "utf8");
      assert.equal(text.includes(" 2.0.0 "), newest.number === 2);
      assert.ok(text.includes(" 1.0.0 "));
      if (killedAt === undefined) assert.equal(newest.number, 2);
      const { manifest } = statements("xsnap", newest.number === 2 ? both : old);
      home.views.settle(newest, manifest);
      assert.deepEqual(readdirSync(`${path}/bin`).sort(), newest.number === 2 ? ["tool", "xsnap"] : ["xsnap"]);
      commit(home, "xsnap", both);
    },
  });
  assert.ok(points >= 20, `${points} points`);
});
