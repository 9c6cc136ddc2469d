import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import type { EntryPoint } from "../../src/core/model/manifest.ts";
import type { HostAbilities } from "../../src/core/model/program.ts";
import { lacksOf } from "../../src/ops/host-check.ts";
import { install } from "../../src/ops/install.ts";
import type { UpgradeResult } from "../../src/ops/operator.ts";
import { type ProbeResult, probe } from "../../src/ops/probe.ts";
import { quarantine } from "../../src/ops/quarantine.ts";
import { ready } from "../../src/ops/ready.ts";
import { add } from "../../src/ops/repo/add.ts";
import { status } from "../../src/ops/status.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import type { RunResult } from "../../src/ports/child-process.ts";
import { buildElf, type ElfOptions, OTHER_MACHINE } from "../support/elf-builder.ts";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf, installRequest, upgradeRequest } from "../support/operator-requests.ts";
import { archivesFetched, makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../support/toy-channel.ts";

const ON_LINUX = { skip: process.platform !== "linux" };

type Changed = TestWorld & { readonly started: string[] };

/** The same world on a host of which something else is told, and where programs end as they are told to. */
function changed(world: TestWorld, abilities: Partial<HostAbilities>, ends?: RunResult): Changed {
  const started: string[] = [];
  const { host, children } = world;
  return Object.assign(Object.create(world), {
    started,
    host: { ...host, platform: host.platform, abilities: () => ({ ...host.abilities(), ...abilities }) },
    children: {
      ...children,
      run: async (...call: Parameters<typeof children.run>) => {
        started.push(call[0]);
        return ends ?? (await children.run(...call));
      },
    },
  });
}

const WELL: RunResult = { outcome: "exit", status: 0, output: "toy 1.0.0", matched: true };
const ILL: RunResult = { outcome: "exit", status: 127, output: "no", matched: false };

function put(world: TestWorld, path: string, content: Uint8Array | string): string {
  const file = join(world.folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, 0o755);
  return file;
}

interface Case {
  readonly elf: ElfOptions;
  readonly kind?: EntryPoint["kind"];
  readonly withoutProbe?: true;
}

async function probing(world: Changed, { elf, kind = "executable", withoutProbe }: Case): Promise<ProbeResult> {
  put(world, "release/bin/e", buildElf(elf));
  const entry: EntryPoint = {
    path: "bin/e",
    kind,
    ...(withoutProbe ? {} : { probe: { args: ["-v"], expect: "toy" } }),
  };
  const { platform } = world.host;
  return await probe(world, { path: join(world.folder, "release"), platform, entries: { e: entry } });
}

const reasonOf = (result: ProbeResult): string => (result.ok ? "it passed" : `${result.blame}: ${result.reason}`);

test("what is certain is said before anything is started", ON_LINUX, async () => {
  using world = makeTestWorld();
  const here = changed(world, { systemVersion: [5, 10, 0], x86Level: 2 }, WELL);
  const loader = await probing(here, { elf: { interpreter: "/lib/no-such-loader.so.2" } });
  assert.equal(
    reasonOf(loader),
    "host: bin/e needs the loader (glibc or musl) /lib/no-such-loader.so.2, which is not on this host",
  );
  const kernel = await probing(here, { elf: { leastKernel: [6, 1, 0] } });
  assert.equal(reasonOf(kernel), "host: bin/e needs the kernel Linux 6.1.0, this host runs 5.10.0");
  const machine = await probing(here, { elf: { machine: OTHER_MACHINE } });
  assert.match(reasonOf(machine), /^release: bin\/e is built for the architecture/);
  assert.deepEqual(here.started, []);
});

test("of what is only likely the probe has the last word", ON_LINUX, async () => {
  using world = makeTestWorld();
  const elf = { needed: ["libgone.so.7"] };
  const runs = changed(world, {}, WELL);
  assert.deepEqual(await probing(runs, { elf }), { ok: true, doubts: [] });
  assert.equal(runs.started.length, 1);
  const fails = await probing(changed(world, {}, ILL), { elf });
  assert.equal(
    reasonOf(fails),
    'host: bin/e needs the library libgone.so.7, which is not on this host; bin/e -v exited with 127; it said "no"',
  );
});

test(
  "without a probe an executable that lacks a library is refused, and a library only doubted",
  ON_LINUX,
  async () => {
    using world = makeTestWorld();
    const here = changed(world, {}, WELL);
    const elf = { needed: ["libgone.so.7"] };
    assert.match(reasonOf(await probing(here, { elf, withoutProbe: true })), /^host: bin\/e needs the library libgone/);
    const library = await probing(here, { elf, withoutProbe: true, kind: "library" });
    assert.deepEqual(library, {
      ok: true,
      doubts: ["bin/e needs the library libgone.so.7, which is not on this host"],
    });
    const named = put(world, "env/libgone.so.7", buildElf());
    const helped = changed(world, { namedFolders: [dirname(named)] }, WELL);
    assert.deepEqual(await probing(helped, { elf, withoutProbe: true }), { ok: true, doubts: [] });
  },
);

test("headers that cannot be read refuse nothing", ON_LINUX, async () => {
  using world = makeTestWorld();
  const elf = buildElf({ needed: ["libgone.so.7"] });
  put(world, "release/bin/e", elf.subarray(0, elf.length - 40));
  const platform = world.host.platform;
  const entries: Record<string, EntryPoint> = { e: { path: "bin/e", kind: "executable" } };
  const result = await probe(world, { path: join(world.folder, "release"), platform, entries });
  assert.equal(result.ok, true);
  assert.equal(result.ok && result.doubts.length, 1);
});

test("links of the host are followed to a file, and to nothing that is none", ON_LINUX, () => {
  using world = makeTestWorld();
  const folder = join(world.folder, "release");
  const messages = (needed: string) => {
    put(world, "release/e", buildElf({ needed: [needed] }));
    return lacksOf(world, folder, "e").map(({ message }) => message);
  };
  put(world, "host/libreal.so.1.2", buildElf());
  symlinkSync("libreal.so.1.2", join(world.folder, "host/libreal.so.1"));
  symlinkSync(join(world.folder, "host/libreal.so.1"), join(world.folder, "host/libreal.so"));
  assert.deepEqual(messages(join(world.folder, "host/libreal.so")), []);
  symlinkSync("round", join(world.folder, "host/round"));
  execFileSync("mkfifo", [join(world.folder, "host/fifo")]);
  symlinkSync("/proc/self/exe", join(world.folder, "host/made-up"));
  for (const name of ["round", "fifo", "made-up", "gone", "."]) {
    assert.equal(messages(join(world.folder, "host", name)).length, 1, name);
  }
  for (const path of ["/proc/self/exe", "/dev/zero", "/dev/../proc/self/exe"])
    assert.equal(messages(path).length, 1, path);
});

/** toy 3.0.0 from 200: an ELF file of this machine with these needs. */
async function publishElf(world: TestWorld, channel: ToyChannel, elf: ElfOptions, validFrom = 200): Promise<void> {
  put(world, "trees/elf/toy", buildElf(elf));
  const release = { engine: "toy", version: "3.0.0", platform: world.host.platform };
  const probed = { args: ["--version"], expect: "toy 3.0.0" };
  await add(world, {
    directory: channel.repository,
    ...release,
    tree: join(world.folder, "trees/elf"),
    probe: probed,
    dryRun: false,
  });
  await channel.deploy("toy", "3.0.0", validFrom, 50);
  await channel.publish(50);
}

const codes = ({ failed }: UpgradeResult) => failed.map(({ version, code }) => `${version} ${code}`);

test("what this host lacks is tried again once the host has changed, and not before", ON_LINUX, async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishElf(world, channel, { leastKernel: [99, 0, 0] });
  world.fetched.length = 0;
  const first = await upgrade(world, upgradeRequest(world));
  assert.deepEqual(codes(first), ["3.0.0 host-lacks"]);
  assert.match(first.failed[0]?.message ?? "", /^toy@3\.0\.0: toy needs the kernel Linux 99\.0\.0, this host runs /);
  assert.equal(archivesFetched(world).length, 1);
  const again = await upgrade(world, upgradeRequest(world));
  assert.deepEqual(codes(again), ["3.0.0 release-quarantined"]);
  assert.equal(archivesFetched(world).length, 1, "no timer fetches it to no end");
  const told = (await status(world, { home: homeOf(world) })).problems;
  assert.ok(told.some(({ code }) => code === "release-quarantined"));
  const items = async (at: TestWorld) => (await ready(at, { home: homeOf(at) })).items.at(-1)?.checks ?? [];
  assert.deepEqual(
    (await items(world)).map(({ name, mend }) => `${name}: ${mend}`),
    ["installed: enginery install toy@3.0.0", "quarantine: Mend the host, and it is tried again: enginery upgrade"],
  );

  const newer = changed(world, { systemVersion: [99, 1, 0] }, WELL);
  assert.deepEqual(
    (await items(newer)).map(({ name }) => name),
    ["installed"],
  );
  const mended = await upgrade(newer, upgradeRequest(world));
  assert.deepEqual([codes(mended), mended.installed.map(({ version }) => version)], [[], ["3.0.0"]]);
  const { quarantined } = await quarantine(world, { home: homeOf(world), dryRun: true });
  assert.deepEqual(quarantined, [], "the record went");
});

test("another machine's build is the release's own fault, on whatever host", ON_LINUX, async () => {
  using world = makeTestWorld();
  const channel = await installedToys(world);
  await publishElf(world, channel, { machine: OTHER_MACHINE });
  assert.deepEqual(codes(await upgrade(world, upgradeRequest(world))), ["3.0.0 probe-failed"]);
  const newer = changed(world, { systemVersion: [99, 1, 0] });
  assert.deepEqual(codes(await upgrade(newer, upgradeRequest(world))), ["3.0.0 release-quarantined"]);
});

test("where it is due nothing is committed, and the error says what to do", ON_LINUX, async () => {
  using world = makeTestWorld();
  const channel = await makeToyChannel(world);
  await publishElf(world, channel, { needed: ["libgone.so.7"] }, 0);
  await assert.rejects(install(changed(world, {}, ILL), installRequest(world, channel)), (error) => {
    assert.ok(isEngineryError(error, "host-lacks"));
    assert.equal(error.exitStatus, 3);
    assert.match(error.hint, /^Install libgone\.so\.7 on this host\. It is tried again once this host has changed\.$/);
    return true;
  });
});

test("ready tells what the host lacks, and what a probe has shown to be there all the same", ON_LINUX, async () => {
  using world = makeTestWorld();
  const channel = await makeToyChannel(world);
  await publishElf(world, channel, { needed: ["libgone.so.7"], leastKernel: [6, 0, 0] }, 0);
  const well = changed(world, { systemVersion: [6, 1] }, WELL);
  await install(well, installRequest(world, channel));
  const checksOf = async (at: TestWorld) => (await ready(at, { home: homeOf(at) })).items[0]?.checks ?? [];
  const lines = async (at: TestWorld) => (await checksOf(at)).map(({ name, ok, detail }) => `${name} ${ok}: ${detail}`);
  const [, , host] = await lines(well);
  assert.equal(host, "host true: toy needs the library libgone.so.7, which is not on this host, and its probe passed.");
  const ill = await lines(changed(world, { systemVersion: [6, 1] }, ILL));
  assert.match(
    ill[2] ?? "",
    /^host false: toy needs the library libgone\.so\.7, .* Install libgone\.so\.7 on this host\./,
  );
  assert.match(ill[3] ?? "", /^probe false: toy --version exited with 127/);
  const older = await checksOf(changed(world, { systemVersion: [5, 9] }, WELL));
  assert.deepEqual(
    older.map(({ name, ok }) => `${name} ${ok}`),
    ["installed true", "hashes true", "host false"],
  );
  assert.match(older[2]?.detail ?? "", /^toy needs the kernel Linux 6\.0\.0, this host runs 5\.9 \(and .*libgone/);
});
