import assert from "node:assert/strict";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { nodeHost } from "../../src/adapters/node-host.ts";
import { EngineryError } from "../../src/core/errors.ts";
import { LEASES_GROUP, LEASES_MODE, SYSTEM_LEASES } from "../../src/core/lease-folder.ts";
import { doctor } from "../../src/ops/doctor.ts";
import { exec } from "../../src/ops/exec.ts";
import { history } from "../../src/ops/history.ts";
import { install } from "../../src/ops/install.ts";
import { leaseWork } from "../../src/ops/lease.ts";
import { prune } from "../../src/ops/prune.ts";
import { ready } from "../../src/ops/ready.ts";
import { status } from "../../src/ops/status.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import type { Host } from "../../src/ports/host.ts";
import { openHome } from "../../src/store/home.ts";
import { installRequest, upgradeRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../support/toy-channel.ts";

const here = nodeHost();
const GROUP = process.getgid?.() ?? 0;
const skip = process.platform === "linux" ? false : "leases lie outside the home on Linux alone";

/** This host, with a group that this account is in. */
const hostWith = (group: number | undefined): Host => ({ ...here, platform: here.platform, groupId: () => group });

let world: TestWorld & Disposable;
let channel: ToyChannel;

before(async () => {
  world = makeTestWorld({ host: hostWith(GROUP) });
  channel = await makeToyChannel(world);
  await channel.release("toy", "1.0.0");
  await channel.release("toy", "2.0.0");
  await channel.deploy("toy", "1.0.0", 0);
  await channel.publish(10);
});
after(() => world[Symbol.dispose]());

const places = (name: string) => ({
  home: join(world.folder, name, "home"),
  leases: join(world.folder, name, "run", "leases"),
});
const modeOf = (path: string) => lstatSync(path).mode & 0o7777;
const doctored = async (home: string, fix = false) => {
  const { findings } = await doctor(world, { home, fix });
  return findings.filter(({ code }) => code === "lease-folder");
};

async function installed(name: string) {
  const place = places(name);
  await install(world, installRequest(world, channel, place));
  return place;
}

test("what tmpfiles makes at each boot is what install makes, and the unit may write there", () => {
  const read = (name: string) => readFileSync(new URL(`../../templates/${name}`, import.meta.url), "utf8");
  const mode = LEASES_MODE.toString(8);
  assert.match(
    read("tmpfiles.d/enginery.conf"),
    new RegExp(`^d ${SYSTEM_LEASES} ${mode} enginery ${LEASES_GROUP} -$`, "m"),
  );
  assert.match(
    read("services/systemd/enginery-watch.service"),
    new RegExp(`^@SYSTEM@ReadWritePaths=-${SYSTEM_LEASES}$`, "m"),
  );
});

test("install makes the folder before the home, whole, and gives back what it claimed", { skip }, async () => {
  const { home, leases } = await installed("first");
  assert.equal(modeOf(leases), 0o3770);
  assert.equal(modeOf(join(leases, "..")), 0o755);
  assert.equal(lstatSync(leases).gid, GROUP);
  assert.deepEqual(readdirSync(leases), []);
  assert.deepEqual(
    [readFileSync(join(home, "VERSION"), "utf8"), readFileSync(join(home, "LEASES"), "utf8")],
    ["2\n", `${leases}\n`],
  );
  assert.deepEqual(await doctored(home), [
    { code: "lease-folder", severity: "ok", message: `Processes claim what they run in ${leases}.` },
  ]);
});

test("where the folder cannot be made nothing of the home is, and a dry run makes neither", { skip }, async () => {
  const place = places("refused");
  await install(world, { ...installRequest(world, channel, place), dryRun: true });
  assert.equal(existsSync(join(world.folder, "refused")), false);
  const { fileSystem } = world;
  const closed = {
    ...world,
    fileSystem: {
      ...fileSystem,
      makeDirectory: (path: string, mode: number) => {
        if (path === place.leases) throw new EngineryError("permission", "Cannot mkdir: forbidden.");
        return fileSystem.makeDirectory(path, mode);
      },
    },
  };
  await assert.rejects(install(closed, installRequest(world, channel, place)), {
    code: "lease-folder",
    hint: /^Make it: sudo install -d -m 3770 -o \S+ -g enginery \S+$/,
  });
  assert.equal(existsSync(place.home), false);
});

test("recovery: the folder is gone, as after a boot: nothing runs and nothing is pruned until it is made", {
  skip,
}, async () => {
  const { home, leases } = await installed("boot");
  rmSync(join(leases, ".."), { recursive: true });
  const gone = { code: "lease-folder", exitStatus: 7, hint: /install -d -m 3770/ };
  const request = { home, engine: "toy", epoch: 1, args: [], env: {} };
  await assert.rejects(exec(world, request), gone);
  await assert.rejects(prune(world, { home, dryRun: false }), gone);
  await assert.rejects(prune(world, { home, dryRun: true }), gone);
  const { problems } = await status(world, { home });
  assert.deepEqual(problems.filter(({ code }) => code === "lease-folder").length, 1);
  const checks = (await ready(world, { home, quick: true })).home.filter(({ name }) => name === "claims");
  assert.deepEqual(
    checks.map(({ ok }) => ok),
    [false],
  );
  await history(world, { home });
  assert.equal((await doctored(home))[0]?.severity, "error");
  assert.equal(existsSync(leases), false, "looking made nothing");
  assert.deepEqual(
    (await doctored(home, true)).map(({ fixed }) => fixed),
    [true],
  );
  assert.equal(modeOf(leases), 0o3770);
  await prune(world, { home, dryRun: false });
});

test("recovery: LEASES is gone or no path: damaged, with what to write", { skip }, async () => {
  const { home, leases } = await installed("damaged");
  for (const text of [undefined, "", "run"]) {
    if (text === undefined) rmSync(join(home, "LEASES"));
    else writeFileSync(join(home, "LEASES"), text);
    await assert.rejects(prune(world, { home, dryRun: true }), { code: "home-damaged" });
    const { problems } = await status(world, { home });
    assert.ok(
      problems.some(({ code }) => code === "home-damaged"),
      text ?? "gone",
    );
    const { ok, findings } = await doctor(world, { home, fix: true });
    assert.equal(ok, false);
    assert.ok(findings.some(({ code, message }) => code === "home-damaged" && message.includes("LEASES")));
  }
  writeFileSync(join(home, "LEASES"), `${leases}\n`);
  assert.equal((await doctor(world, { home, fix: true })).ok, true);
});

test("a folder in which others could remove a claim is told by status, ready and doctor, which closes it", {
  skip,
}, async () => {
  const { home, leases } = await installed("open");
  for (const mode of [0o2770, 0o3772, 0o777]) {
    chmodSync(leases, mode);
    assert.match(
      (await status(world, { home })).problems.find(({ code }) => code === "lease-folder")?.message ?? "",
      /Others may/,
    );
    assert.ok((await ready(world, { home, quick: true })).home.some(({ name, ok }) => name === "claims" && !ok));
    assert.equal((await doctored(home))[0]?.severity, "error");
    assert.equal((await doctored(home, true))[0]?.fixed, true);
    assert.equal(modeOf(leases), 0o3770);
  }
  chmodSync(join(leases, ".."), 0o777);
  assert.match((await doctored(home))[0]?.message ?? "", /^Everybody may replace what lies in/);
  chmodSync(join(leases, ".."), 0o755);
});

test("without the group the owner alone may claim, and both install and doctor say so", { skip }, async () => {
  const place = places("alone");
  const alone = { ...world, host: hostWith(undefined) };
  const before = world.warnings.length;
  await install(alone, installRequest(world, channel, place));
  assert.match(
    world.warnings
      .slice(before)
      .map(({ message }) => message)
      .join(),
    /There is no group enginery/,
  );
  assert.equal(modeOf(place.leases), 0o700);
  const { findings } = await doctor(alone, { home: place.home, fix: false });
  assert.match(
    findings.find(({ code }) => code === "lease-folder")?.mend ?? "",
    /^sudo groupadd --system enginery && /,
  );
  await doctored(place.home, true);
  assert.equal(modeOf(place.leases), 0o3770);
});

test("a home that is there has its leases moved once, by install alone, with a claim in it kept", {
  skip,
}, async () => {
  const { home, leases } = places("moved");
  await install(world, installRequest(world, channel, { home }));
  assert.equal(existsSync(join(home, "LEASES")), false);
  using _old = openHome(home, world).leases.take({ engine: "toy", version: "1.0.0" });
  await install(world, { ...installRequest(world, channel, { home, leases }), dryRun: true });
  assert.equal(readFileSync(join(home, "VERSION"), "utf8"), "1\n");
  const { generation } = await install(world, installRequest(world, channel, { home, leases }));
  assert.equal(generation, 1, "nothing else changed");
  assert.equal(readFileSync(join(home, "VERSION"), "utf8"), "2\n");
  const elsewhere = join(world.folder, "moved", "elsewhere");
  await install(world, installRequest(world, channel, { home, leases: elsewhere }));
  assert.equal(readFileSync(join(home, "LEASES"), "utf8"), `${leases}\n`, "it stays where it is");
  assert.equal(existsSync(elsewhere), false);
  const [kept] = (await prune(world, { home, dryRun: true })).kept;
  assert.ok(kept?.keptBy.some(({ kind }) => kind === "lease"));
  await upgrade(world, upgradeRequest(world, { home }));
});

/** Another account than the home's owner. */
const stranger = () => ({ ...world, host: { ...hostWith(GROUP), userId: (process.getuid?.() ?? 0) + 1 } });

test("where the home is another account's, what its LEASES says is made by nobody else", { skip }, async () => {
  const { home, leases } = await installed("strange");
  const elsewhere = join(world.folder, "strange", "etc", "unit.d");
  writeFileSync(join(home, "LEASES"), `${elsewhere}\n`);
  await assert.rejects(install(stranger(), installRequest(world, channel, { home, leases })), { code: "permission" });
  assert.equal(existsSync(join(elsewhere, "..")), false);
});

test("a host of another account leaves one lease behind for each release and epoch, however often it claims", {
  skip,
}, async () => {
  const { home, leases } = await installed("often");
  const claimant = stranger();
  const opened = openHome(home, claimant);
  const tree = opened.installations.seal("toy", "1.0.0")?.tree ?? assert.fail();
  const told = new Set<string>();
  const claim = (epoch: number) =>
    leaseWork(claimant, opened, { engine: "toy", version: "1.0.0", tree, epoch, because: "schedule" }, told);
  {
    using _first = claim(7);
    using _beside = claim(7);
    assert.equal(readdirSync(leases).length, 2);
  }
  for (let round = 0; round < 3; round++) {
    using _again = claim(7);
  }
  assert.equal(readdirSync(leases).length, 1);
  claim(8)[Symbol.dispose]();
  assert.equal(readdirSync(leases).length, 2);
  await prune(world, { home, dryRun: false });
  assert.deepEqual(readdirSync(leases), []);
  const { work } = await history(world, { home });
  assert.deepEqual(work.map(({ epoch }) => epoch).sort(), [7, 8]);
});

test("a folder that is there is left to doctor: install changes neither its mode nor its owner", { skip }, async () => {
  const { home, leases } = places("made");
  mkdirSync(leases, { recursive: true, mode: 0o750 });
  chmodSync(leases, 0o750);
  await install(world, installRequest(world, channel, { home, leases }));
  assert.equal(modeOf(leases), 0o750);
});
