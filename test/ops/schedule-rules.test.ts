import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ErrorCode } from "../../src/core/errors.ts";
import type { Engine, Manifest } from "../../src/core/model/manifest.ts";
import { encodeManifest, parseManifest } from "../../src/core/parse-manifest.ts";
import { add } from "../../src/ops/repo/add.ts";
import { deploy } from "../../src/ops/repo/deploy.ts";
import { init } from "../../src/ops/repo/init.ts";
import { sign } from "../../src/ops/repo/sign.ts";
import { command } from "../hostile/support/command.ts";
import { RogueChannel } from "../hostile/support/rogue-channel.ts";
import { SOUND } from "../hostile/support/rogue-home.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { toyTree } from "../support/toy-channel.ts";

type Rows = readonly (readonly [version: string, validFrom: number])[];

/** What is published at 150, and what every case changes. */
const THREE: Rows = [
  ["1.0.0", 0],
  ["2.0.0", 100],
  ["3.0.0", 200],
];
const [ONE, TWO, LAST] = THREE as readonly [Rows[number], Rows[number], Rows[number]];
const PUBLISHED = 150;

interface Case {
  readonly rule: string;
  /** Undefined: it may be so. */
  readonly code?: ErrorCode;
  readonly rows: Rows;
  /** The epoch it is published at; default 150; null: unknown. */
  readonly at?: number | null;
  readonly engine?: Partial<Engine>;
  readonly change?: (manifest: Manifest) => Manifest;
}

const rules = (change: Partial<Engine["rules"]>) => ({
  rules: { maxFuture: null, maxDeployments: null, alterPending: "deny", ...change } as const,
});
const ALLOW = rules({ alterPending: "allow" });
const without = (version: string) => (manifest: Manifest) => {
  const { [version]: _gone, ...releases } = manifest.engines["toy"]?.releases ?? {};
  return withToy(manifest, { releases });
};
const withoutToy = (manifest: Manifest): Manifest => ({ ...manifest, engines: {} });
const withIdle = (manifest: Manifest): Manifest => ({
  ...manifest,
  engines: { ...manifest.engines, idle: { ...rules({}), deployments: [], releases: {} } },
});

/** Every rule that a manifest keeps, by itself and against the one before: DESIGN, "Schedule rules". */
const REFUSED: readonly Case[] = [
  { rule: "an engine has something", code: "schedule-empty", rows: THREE, change: withIdle },
  { rule: "a version once", code: "schedule-duplicate-version", rows: [...THREE, ["3.0.0", 300]] },
  {
    rule: "a version once, whatever the case of its letters",
    code: "schedule-duplicate-version",
    rows: [...THREE, ["4.0.0-RC", 300], ["4.0.0-rc", 400]],
  },
  { rule: "epochs rise with versions", code: "schedule-order", rows: [...THREE, ["2.5.0", 300]] },
  { rule: "each is in effect at some epoch", code: "schedule-unreachable", rows: [...THREE, ["4.0.0", 200]] },
  { rule: "at most maxFuture ahead", code: "schedule-max-future", rows: THREE, engine: rules({ maxFuture: 0 }) },
  {
    rule: "at most maxDeployments",
    code: "schedule-max-deployments",
    rows: THREE,
    engine: rules({ maxDeployments: 2 }),
  },
  {
    rule: "each version has a release",
    code: "schedule-no-release",
    rows: [...THREE, ["4.0.0", 300]],
    change: without("4.0.0"),
  },
  { rule: "what is in effect never goes", code: "schedule-in-effect", rows: [ONE, LAST], engine: ALLOW },
  {
    rule: "what is in effect never moves",
    code: "schedule-in-effect",
    rows: [ONE, ["2.0.0", 160], LAST],
    engine: ALLOW,
  },
  {
    rule: "equality counts: from 200 on it is in effect",
    code: "schedule-in-effect",
    rows: [ONE, TWO],
    at: 200,
    engine: ALLOW,
  },
  { rule: "no engine goes with what is in effect", code: "schedule-in-effect", rows: THREE, change: withoutToy },
  {
    rule: "what has begun stays as it is",
    code: "schedule-past-change",
    rows: [["1.0.0", 50], TWO, LAST],
    engine: ALLOW,
  },
  { rule: "what is superseded goes oldest first", code: "schedule-hole", rows: [ONE, LAST], at: 250, engine: ALLOW },
  { rule: "what is new lies ahead", code: "schedule-past-change", rows: [ONE, TWO, ["2.5.0", 120], LAST] },
  { rule: "ahead means later than now", code: "schedule-past-change", rows: [ONE, TWO, ["2.5.0", 150], LAST] },
  {
    rule: "what is pending moves to what lies ahead",
    code: "schedule-past-change",
    rows: [ONE, TWO, ["3.0.0", 150]],
    engine: ALLOW,
  },
  { rule: "what is pending is not moved", code: "schedule-alter-pending", rows: [ONE, TWO, ["3.0.0", 300]] },
  { rule: "what is pending is not removed", code: "schedule-alter-pending", rows: [ONE, TWO] },
  {
    rule: "at an unknown epoch nothing is altered",
    code: "schedule-alter-unknown",
    rows: [ONE, TWO, ["3.0.0", 300]],
    at: null,
    engine: ALLOW,
  },
  {
    rule: "at an unknown epoch nothing is removed",
    code: "schedule-alter-unknown",
    rows: [TWO, LAST],
    at: null,
    engine: ALLOW,
  },
  {
    rule: "an unknown epoch is no earlier than the last known",
    code: "schedule-past-change",
    rows: [ONE, TWO, ["2.5.0", 150], LAST],
    at: null,
  },
  { rule: "epochs do not go back", code: "schedule-epoch-lower", rows: [...THREE, ["4.0.0", 300]], at: 149 },
];

const TAKEN: readonly Case[] = [
  { rule: "one more ahead, in any order", rows: [["4.0.0", 300], LAST, ONE, TWO] },
  { rule: "the earliest that is ahead", rows: [ONE, TWO, ["2.5.0", 151], LAST] },
  { rule: "the oldest goes", rows: [TWO, LAST] },
  { rule: "all that is superseded goes", rows: [LAST], at: 200 },
  { rule: "pending is moved where the rules allow", rows: [ONE, TWO, ["3.0.0", 151]], engine: ALLOW },
  { rule: "pending is removed where the rules allow", rows: [ONE, TWO], engine: ALLOW },
  { rule: "at 199 what is pending from 200 may be altered", rows: [ONE, TWO], at: 199, engine: ALLOW },
  { rule: "as many as the rules allow", rows: THREE, engine: rules({ maxDeployments: 3, maxFuture: 1 }) },
  { rule: "what begins now is not ahead", rows: THREE, at: 200, engine: rules({ maxFuture: 0 }) },
  { rule: "at an unknown epoch something is added", rows: [...THREE, ["4.0.0", 300]], at: null },
];

test("the publisher refuses to sign what breaks a rule, whoever wrote the draft, and nothing of it is visible", async () => {
  using world = makeTestWorld();
  const { directory, keysDir, manifest } = await publishedToys(world);
  const timestamp = () => readFileSync(join(directory, "metadata", "timestamp.json"), "latin1");
  const before = timestamp();
  const signed = (epoch: number | null | undefined, dryRun: boolean) =>
    sign(world, { directory, keysDir, dryRun, epoch: epoch === null ? undefined : (epoch ?? PUBLISHED) });
  for (const each of REFUSED) {
    writeDraft(directory, changedBy(each, manifest));
    await assert.rejects(signed(each.at, false), { code: each.code }, each.rule);
    assert.equal(timestamp(), before, each.rule);
  }
  for (const each of TAKEN) {
    writeDraft(directory, changedBy(each, manifest));
    assert.equal((await signed(each.at, true)).changed, true, each.rule);
  }
});

test("the client refuses what breaks a rule, however well it is signed, and stays as it was", async () => {
  using world = makeTestWorld();
  await using followed = await followedToys(world);
  const { channel, home, upgrade } = followed;
  const before = generationsOf(home);
  for (const each of REFUSED) {
    channel.publish(releases(), (manifest) => changedBy(each, manifest));
    const { status, code, stdout } = await upgrade();
    assert.deepEqual([status, code], [3, each.code], `${each.rule}: ${stdout}`);
    assert.deepEqual(generationsOf(home), before, each.rule);
  }
});

for (const each of TAKEN) {
  test(`the client takes it: ${each.rule}`, async () => {
    using world = makeTestWorld();
    await using followed = await followedToys(world);
    followed.channel.publish(releases(), (manifest) => changedBy(each, manifest));
    const { status, stdout } = await followed.upgrade();
    assert.equal(status, 0, stdout);
    assert.equal(JSON.parse(stdout).manifest.serial, 2);
  });
}

/** toy 1.0.0 from 0, 2.0.0 from 100 and 3.0.0 from 200, signed at 150. */
async function publishedToys(world: TestWorld) {
  const directory = join(world.folder, "repository");
  const keysDir = join(world.folder, "keys");
  const request = { directory, dryRun: false };
  await init(world, { ...request, channel: "main", keysDir });
  for (const [version, validFrom] of THREE) {
    const release = { ...request, engine: "toy", version };
    await add(world, { ...release, platform: "any", tree: toyTree(world, "toy", version) });
    await deploy(world, { ...release, validFrom });
  }
  await sign(world, { ...request, keysDir, epoch: PUBLISHED });
  const manifest = parseManifest(readFileSync(join(directory, "targets", "channels", "main.json")));
  return { directory, keysDir, manifest };
}

function writeDraft(directory: string, manifest: Manifest): void {
  mkdirSync(join(directory, ".draft", "channels"), { recursive: true });
  writeFileSync(join(directory, ".draft", "channels", "main.json"), encodeManifest(manifest));
}

const releases = () => THREE.map(([version, validFrom]) => ({ ...SOUND, version, validFrom }));

/** A home that follows a publisher who signs anything; the same is published as above. */
async function followedToys(world: TestWorld) {
  const channel = new RogueChannel(world);
  channel.epoch = PUBLISHED;
  channel.publish(releases(), (manifest) => manifest);
  const server = await channel.simulator.serve();
  const home = join(world.folder, "home");
  const run = (...words: readonly string[]) => command(world, [...words, "--home", home, "--json"]);
  const words = ["--from", server.base, "--channel", "main", "--root-sha256", channel.rootSha256];
  const { status, stdout } = await run("install", ...words);
  assert.equal(status, 0, stdout);
  const close = () => server[Symbol.asyncDispose]();
  return { channel, home, upgrade: () => run("upgrade", "--no-prune"), [Symbol.asyncDispose]: close };
}

function changedBy({ rows, at = PUBLISHED, engine, change = (same) => same }: Case, manifest: Manifest): Manifest {
  const known = manifest.engines["toy"]?.releases ?? {};
  const some = known["1.0.0"];
  assert.ok(some !== undefined);
  const changed = withToy(manifest, {
    ...rules({}),
    deployments: rows.map(([version, validFrom]) => ({ version, validFrom })),
    releases: { ...known, ...Object.fromEntries(rows.map(([version]) => [version, known[version] ?? some])) },
    ...engine,
  });
  return change({ ...changed, publishedEpoch: at });
}

function withToy(manifest: Manifest, change: Partial<Engine>): Manifest {
  const toy = manifest.engines["toy"];
  assert.ok(toy !== undefined);
  return { ...manifest, engines: { ...manifest.engines, toy: { ...toy, ...change } } };
}

function generationsOf(home: string): readonly string[] {
  const folder = join(home, "generations");
  return readdirSync(folder).map((name) => `${name} ${readFileSync(join(folder, name), "utf8")}`);
}

test("at an unknown epoch upgrade and rollback go on, with a warning", async () => {
  using world = makeTestWorld();
  await using followed = await followedToys(world);
  const { channel, home, upgrade } = followed;
  const told = () => world.warnings.splice(0).filter(({ code }) => code === "epoch-unknown").length;
  told();
  channel.publish(releases(), (manifest) => changedBy({ rule: "", rows: [...THREE, ["4.0.0", 300]] }, manifest));
  assert.deepEqual([(await upgrade()).status, told()], [0, 1]);
  assert.deepEqual([(await upgrade()).status, told()], [0, 0], "nothing was new");
  const rollback = await command(world, ["rollback", "--home", home, "--json"]);
  assert.deepEqual([rollback.status, told()], [0, 1]);
  await command(world, ["observe", "160", "--home", home]);
  const again = await command(world, ["upgrade", "--again", "--no-prune", "--home", home, "--json"]);
  assert.deepEqual([again.status, told()], [0, 0], "it is known now");
});
