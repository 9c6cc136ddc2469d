import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ServiceManager } from "../../src/core/service/files.ts";
import { installService, removeService, serviceStatus } from "../../src/ops/service.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { elementsOf, parseXml, textOf } from "../support/xml.ts";

const MANAGERS = ["systemd", "launchd", "task"] as const;

function requestOf(world: TestWorld, manager: ServiceManager, wide = false) {
  return {
    ...{ manager, wide, changedToo: false, dryRun: false, account: "daemon" },
    folder: join(world.folder, "units"),
    command: join(world.folder, "a place", "enginery"),
    home: join(world.folder, "100% <home> & more"),
    logs: join(world.folder, "logs"),
    services: ["watch", "stage"] as const,
  };
}

const isThere = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

for (const manager of MANAGERS) {
  test(`${manager}: written, seen, kept where somebody changed it, removed`, async () => {
    using world = makeTestWorld();
    const request = requestOf(world, manager);
    const dry = await installService(world, { ...request, dryRun: true });
    assert.equal(existsSync(request.folder), false, "a dry run writes nothing");
    assert.ok(dry.written.every(({ text }) => text.includes("enginery-service 1 ")));
    const made = await installService(world, request);
    assert.deepEqual(
      made.files.map(({ found }) => found),
      made.files.map(() => "same"),
    );
    assert.ok(made.next.length > 0);
    assert.doesNotMatch(made.written.map(({ text }) => text).join(""), /@[A-Z_]+@/);
    const again = await installService(world, request);
    assert.deepEqual([again.written, again.next], [[], []], "a second time there is nothing to do");

    const other = { ...request, home: join(world.folder, "another-home") };
    const states = async () => (await serviceStatus(world, other)).files.map(({ found }) => found);
    assert.ok((await states()).includes("outdated"), "made with other words, and by nobody's hand");
    await installService(world, other);
    assert.ok((await states()).every((found) => found === "same"));

    const [path = ""] = made.files.map((file) => file.path);
    appendFileSync(path, manager === "task" ? Buffer.from(" ", "utf16le") : "# mine\n");
    assert.equal((await states())[0], "changed");
    const before = readFileSync(path);
    await assert.rejects(installService(world, request), { code: "refused" });
    assert.deepEqual(readFileSync(path), before);
    const removed = await removeService(world, request);
    assert.deepEqual(removed.kept, [{ path, why: "changed" }]);
    assert.deepEqual(readdirSync(request.folder), [path.slice(request.folder.length + 1)]);
    assert.equal((await installService(world, { ...request, changedToo: true })).written.length, made.files.length);
    appendFileSync(path, "  ");
    assert.deepEqual((await removeService(world, { ...request, changedToo: true })).kept, []);
    assert.deepEqual(readdirSync(request.folder), []);
  });
}

test("a file of the same name that is nobody's of ours is not replaced", async () => {
  using world = makeTestWorld();
  const request = requestOf(world, "systemd");
  mkdirSync(request.folder);
  writeFileSync(join(request.folder, "enginery-stage.timer"), "[Timer]\n");
  await assert.rejects(installService(world, request), { code: "refused" });
  assert.deepEqual(readdirSync(request.folder), ["enginery-stage.timer"], "nothing was written before it was seen");
});

test("what systemd has enabled is not removed", async () => {
  using world = makeTestWorld();
  const request = requestOf(world, "systemd", true);
  await installService(world, request);
  mkdirSync(join(request.folder, "timers.target.wants"));
  const link = join(request.folder, "timers.target.wants", "enginery-stage.timer");
  symlinkSync("../gone.timer", link);
  await assert.rejects(removeService(world, request), { code: "refused", hint: /systemctl disable --now/ });
  assert.equal((await removeService(world, { ...request, services: ["watch"] })).removed.length, 1);
});

test("a path that the files cannot hold is refused", async () => {
  using world = makeTestWorld();
  for (const manager of MANAGERS) {
    await assert.rejects(installService(world, { ...requestOf(world, manager), home: "/a\nExecStartPre=/bin/evil" }), {
      code: "usage",
    });
  }
  await assert.rejects(installService(world, { ...requestOf(world, "systemd"), home: '/a" --purge "' }), {
    code: "usage",
  });
  for (const home of ["/a%TEMP%b", "/a$(Arg0)"])
    await assert.rejects(installService(world, { ...requestOf(world, "task"), home }), { code: "usage" });
  for (const account of ["a b", "%u", "$x", "root;", "../x", "-n", ""])
    await assert.rejects(installService(world, { ...requestOf(world, "systemd", true), account }), { code: "usage" });
  assert.equal(existsSync(join(world.folder, "units")), false);
});

test("a dollar sign is doubled among the words of a command, and nowhere else: systemd reads no variables there", async () => {
  using world = makeTestWorld();
  const request = { ...requestOf(world, "systemd", true), command: "/a$b/enginery", home: "/srv/$HOME" };
  const [watch = ""] = (await installService(world, request)).written.map(({ text }) => text);
  assert.match(watch, /^ExecStart="\/a\$b\/enginery" watch --home "\/srv\/\$\$HOME"$/m);
  assert.match(watch, /^ReadWritePaths="\/srv\/\$HOME"$/m);
});

test("a unit that is masked, a pipe, a folder: nobody waits for it, and it is kept", async () => {
  using world = makeTestWorld();
  const request = requestOf(world, "systemd");
  mkdirSync(request.folder);
  const unit = join(request.folder, "enginery-watch.service");
  const ways: readonly (() => unknown)[] = [
    () => symlinkSync("/dev/null", unit),
    () => spawnSync("mkfifo", [unit]),
    () => mkdirSync(unit),
  ];
  for (const make of ways) {
    make();
    await assert.rejects(installService(world, request), { code: "refused" });
    assert.equal((await serviceStatus(world, request)).files[0]?.found, "changed");
    assert.deepEqual((await removeService(world, request)).kept, [{ path: unit, why: "changed" }]);
    rmSync(unit, { recursive: true });
  }
});

for (const wide of [true, false]) {
  const whose = wide ? "the machine's" : "an account's";
  test(`systemd takes ${whose} units, words with spaces and signs included`, {
    skip: !isThere("systemd-analyze") && "no systemd-analyze here",
  }, async () => {
    using world = makeTestWorld();
    const request = { ...requestOf(world, "systemd", wide), command: join(world.folder, "a $place", "enginery") };
    mkdirSync(join(world.folder, "a $place"));
    writeFileSync(request.command, "#!/bin/sh\n");
    chmodSync(request.command, 0o755);
    const { files } = await installService(world, request);
    const words = ["verify", "--man=no", ...(wide ? [] : ["--user"]), ...files.map(({ path }) => path)];
    const { status, stderr } = spawnSync("systemd-analyze", words, {
      encoding: "utf8",
      env: { ...process.env, XDG_RUNTIME_DIR: world.folder },
    });
    assert.deepEqual([status, stderr], [0, ""]);
  });
}

test("launchd's and Windows' files are XML that says the words whole", async () => {
  using world = makeTestWorld();
  for (const manager of ["launchd", "task"] as const) {
    const request = requestOf(world, manager, manager === "launchd");
    for (const { text } of (await installService(world, request)).written) {
      const document = parseXml(
        text
          .replace(/^\ufeff/, "")
          .replace(/^<\?xml.*\n/, "")
          .replace(/^<!.*\n/gm, ""),
      );
      const said = elementsOf(document).map(textOf);
      assert.ok(
        said.some((one) => one.includes(request.home)),
        said.join("\n"),
      );
      assert.ok(said.some((one) => one.includes(request.command)));
    }
  }
});

test("xmllint takes them", { skip: !isThere("xmllint") && "no xmllint here" }, async () => {
  using world = makeTestWorld();
  for (const manager of ["launchd", "task"] as const) {
    for (const { path } of (await installService(world, requestOf(world, manager))).files) {
      const { status, stderr } = spawnSync("xmllint", ["--noout", "--nonet", path], { encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""]);
    }
  }
});

test("a task is UTF-16 with its mark, as the task scheduler reads it", async () => {
  using world = makeTestWorld();
  const { files } = await installService(world, requestOf(world, "task"));
  for (const { path } of files) assert.deepEqual([...readFileSync(path).subarray(0, 4)], [0xff, 0xfe, 0x3c, 0]);
});

test("files for a program that is not there, or for a host that systemd did not start, are written and warned of", async () => {
  using world = makeTestWorld();
  const { fileSystem } = world;
  const isBooted = (answer: boolean): TestWorld => ({
    ...world,
    fileSystem: {
      ...fileSystem,
      status: (path) =>
        path === "/run/systemd/system" ? fileSystem.status(answer ? "/" : "/none") : fileSystem.status(path),
    },
  });
  const request = requestOf(world, "systemd");
  const warned = () => world.warnings.splice(0).map(({ message }) => message);
  await installService(isBooted(true), { ...request, dryRun: true });
  assert.match(warned().join("\n"), /^There is no program .*enginery yet[^\n]*$/);
  mkdirSync(join(world.folder, "a place"));
  writeFileSync(request.command, "");
  await installService(isBooted(false), request);
  assert.match(warned().join("\n"), /^systemd does not run here [^\n]*$/);
  await installService(isBooted(true), request);
  assert.deepEqual(warned(), []);
});
