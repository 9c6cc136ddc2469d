import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { type EngineryError, type ErrorCode, isEngineryError } from "../../src/core/errors.ts";
import { doctor } from "../../src/ops/doctor.ts";
import { history } from "../../src/ops/history.ts";
import { observe } from "../../src/ops/observe.ts";
import type { ObserveRequest, SourcesRequest } from "../../src/ops/operator.ts";
import { lookAt } from "../safety/checker.ts";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const place: { world: TestWorld & Disposable; config: string } = { world: makeTestWorld(), config: "" };
before(async () => {
  await installedToys(place.world);
  place.config = readFileSync(configPath(), "utf8");
});
after(() => place.world[Symbol.dispose]());
beforeEach(async () => {
  writeFileSync(configPath(), place.config);
  await observe(place.world, { ...change(), epoch: 50, force: "each test begins at 50" });
  place.world.warnings.length = 0;
});

const change = () => ({ home: homeOf(place.world), dryRun: false });
const configPath = () => join(homeOf(place.world), "config.json");
const observed = () => JSON.parse(readFileSync(join(homeOf(place.world), "clock/observed.json"), "utf8"));
const said = (more: Partial<SourcesRequest & ObserveRequest>): ObserveRequest => ({
  ...change(),
  sources: [],
  offline: false,
  allowHttp: false,
  ...more,
});

/** Endpoints that say these; text that is no number is what the file holds. */
function files(...contents: readonly (number | string)[]): readonly string[] {
  return contents.map((content, at) => {
    const path = join(place.world.folder, `source-${at}`);
    writeFileSync(path, typeof content === "number" ? `${content}\n` : content);
    return `file:${path}`;
  });
}

function configured(keys: object): void {
  writeFileSync(configPath(), JSON.stringify({ ...JSON.parse(place.config), ...keys }));
}

/** It fails, and what was seen before holds. */
async function refused(code: ErrorCode, exit: number, request: ObserveRequest, why: RegExp): Promise<EngineryError> {
  const before = observed();
  const failure: { error?: EngineryError } = {};
  await assert.rejects(observe(place.world, request), (error: unknown) => {
    assert.ok(isEngineryError(error, code), String(error));
    assert.equal(error.exitStatus, exit);
    assert.match(error.message, why);
    failure.error = error;
    return true;
  });
  assert.deepEqual(observed(), before);
  assert.ok(failure.error);
  return failure.error;
}

test("one source is asked once, and the observation names it", async () => {
  const sources = files(60);
  const result = await observe(place.world, said({ sources }));
  assert.deepEqual(result, {
    epoch: 60,
    before: 50,
    changed: true,
    from: sources[0],
    sources: [{ name: sources[0], epoch: 60 }],
  });
  const { epoch, from } = observed();
  assert.deepEqual([epoch, from], [60, sources[0]]);
  place.world.time += 1000;
  const again = await observe(place.world, said({ sources }));
  assert.deepEqual([again.before, again.changed], [60, false]);
  assert.equal(Date.parse(observed().at), place.world.time, "the same epoch, seen now");
  assert.deepEqual(lookAt(homeOf(place.world)).problems, []);
});

test("of three endpoints one that lies, lags or fails does not move the epoch, and is told of where it fails", async () => {
  const epochOf = async (...contents: readonly (number | string)[]) =>
    (await observe(place.world, said({ sources: files(...contents) }))).epoch;
  assert.equal(await epochOf(60, 2 ** 50, 60), 60);
  assert.equal(await epochOf(0, 61, 61), 61);
  assert.equal(place.world.warnings.length, 0);
  assert.equal(await epochOf(62, "NaN\n", 62), 62);
  assert.deepEqual(
    place.world.warnings.map(({ code }) => code),
    ["epoch-source"],
  );
  assert.match(place.world.warnings[0]?.message ?? "", /source-1 says "NaN"/);
});

test("too few that tell an epoch: unknown, with the reason of each; none: unreadable", async () => {
  const why = /1 of 3 epoch sources told an epoch, and 2 must: .* says 60\. .*says "".*says "-1"/;
  const { context } = await refused("epoch-unknown", 8, said({ sources: files(60, "\n", "-1\n") }), why);
  assert.equal((context["sources"] as unknown[]).length, 3);
  await refused("epoch-unreadable", 7, said({ sources: files("", "0x3c\n") }), /0 of 2 epoch sources told an epoch/);
});

test("what sources say lower than before is refused, unless forced with a reason that the ledger keeps", async () => {
  const sources = files(49);
  await refused("observation-lower", 3, said({ sources }), /49 is lower than 50/);
  await observe(place.world, said({ sources, force: "the network was reset" }));
  assert.equal(observed().epoch, 49);
  const last = (await history(place.world, { home: homeOf(place.world) })).ledger.at(-1);
  assert.deepEqual(JSON.parse(JSON.stringify(last?.detail)), {
    epoch: 49,
    before: 50,
    from: sources[0],
    reasons: { force: "the network was reset" },
  });
});

test("an epoch too far ahead is refused where that is asked for, of sources and of people", async () => {
  const sources = files(2 ** 50);
  await refused("observation-jump", 3, said({ sources, maxStep: 1000 }), /is 1125899906842574 ahead of 50/);
  configured({ epochMaxStep: 10 });
  await refused("observation-jump", 3, said({ sources }), /at most 10/);
  await refused("observation-jump", 3, { ...change(), epoch: 61 }, /at most 10/);
  assert.equal((await observe(place.world, said({ sources: files(60) }))).epoch, 60);
  assert.equal(
    (await observe(place.world, said({ sources: files(90), maxStep: 30 }))).epoch,
    90,
    "said goes before config",
  );
  assert.equal((await observe(place.world, said({ sources: files(500), force: "was away" }))).epoch, 500);
});

test("config.json names the sources where nobody else does", async () => {
  configured({ epochSources: files(70, 71, 72), epochQuorum: 3, epochTimeoutSeconds: 30 });
  assert.equal((await observe(place.world, said({}))).epoch, 70);
  assert.equal((await observe(place.world, said({ quorum: 1 }))).epoch, 72);
  assert.equal((await observe(place.world, said({ sources: files(73, 74, 75) }))).epoch, 73, "said goes before config");
  await refused("config-invalid", 2, said({ sources: files(80) }), /quorum of 3 of 1/);
  configured({ epochSources: ["file:height"] });
  await refused("config-invalid", 2, said({}), /not an absolute path/);
  configured({ epochSources: [""] });
  await refused("config-invalid", 2, said({}), /epochSources/);
  configured({ epochSources: [] });
  await refused("usage", 2, said({}), /No epoch is said/);
  configured({ epochQuorum: 0, epochSources: files(80) });
  await refused("config-invalid", 2, said({}), /epochQuorum/);
});

test("what can never be met, is named twice or may not be reached is refused before anything is asked", async () => {
  const [one = ""] = files(80);
  await refused("usage", 2, said({}), /No epoch is said, and no epoch source is named/);
  await refused("usage", 2, said({ sources: [one], quorum: 2 }), /quorum of 2 of 1/);
  await refused("usage", 2, said({ sources: [one, one] }), /named twice/);
  await refused(
    "usage",
    2,
    said({ sources: ["cometbft:http://localhost:1", "cometbft:http://LOCALHOST:1/"] }),
    /named twice/,
  );
  await refused("usage", 2, said({ sources: ["gopher://x"] }), /no kind of epoch source/);
  const plain = "cometbft:http://192.0.2.1:26657";
  await refused("source-refused", 3, said({ sources: [plain] }), /plain http: to another machine/);
  await refused("offline", 7, said({ sources: [plain], allowHttp: true, offline: true }), /needs the network/);
  assert.equal((await observe(place.world, said({ sources: [one], offline: true }))).epoch, 80);
});

test("doctor reads the sources and asks none", async () => {
  const findings = async () => (await doctor(place.world, { home: homeOf(place.world), fix: false })).findings;
  const about = async (code: string) => (await findings()).find((finding) => finding.code === code)?.message;
  assert.equal(await about("epoch-sources"), undefined);
  configured({ epochSources: ["cometbft:https://me:SECRET@node.example", "file:/no/such/file"] });
  assert.match((await about("epoch-sources")) ?? "", /2 of 2 sources say: cometbft:https:\/\/node\.example, file:/);
  configured({ epochSources: ["file:height"] });
  assert.match((await about("config-invalid")) ?? "", /not an absolute path/);
  configured({ epochSources: ["cometbft:http://192.0.2.1"] });
  assert.match((await about("source-refused")) ?? "", /plain http:/);
});

test("a dry run asks and records nothing", async () => {
  const result = await observe(place.world, said({ sources: files(60), dryRun: true }));
  assert.deepEqual([result.epoch, result.changed, result.dryRun], [60, true, true]);
  assert.equal(observed().epoch, 50);
});

test("a source that stalls costs its time and no more, and the others are heard", {
  skip: process.platform === "win32",
}, async () => {
  const sources = [...files(60, 60), "command:sleep 60"];
  const begun = performance.now();
  assert.equal((await observe(place.world, said({ sources, timeoutSeconds: 1 }))).epoch, 60);
  assert.ok(performance.now() - begun < 30_000);
  assert.match(place.world.warnings[0]?.message ?? "", /told nothing within 1 s/);
});

test("who is slow is waited for where that can change the epoch, and no longer than a second where it cannot", {
  skip: process.platform === "win32",
}, async () => {
  const hangs = "command:sleep 60";
  const begun = performance.now();
  const { epoch, sources } = await observe(
    place.world,
    said({ sources: [...files(60, 60), hangs], timeoutSeconds: 60 }),
  );
  assert.ok(performance.now() - begun < 30_000, "not the time of the slowest");
  assert.equal(epoch, 60);
  const name = "command:sleep ...";
  const problem = `${name} told nothing within 1 s after enough others had.`;
  assert.deepEqual(sources?.at(-1), { name, problem, late: true });
  assert.deepEqual(place.world.warnings, [{ code: "epoch-source", message: problem }]);
  const slow = "command:sh -c 'sleep 3; echo 62'";
  const differing = await observe(place.world, said({ sources: [...files(61, 62), slow], timeoutSeconds: 60 }));
  assert.equal(differing.epoch, 62, "one that lags holds nobody back");
});

test("a damaged observation is replaced by what the sources say", async () => {
  writeFileSync(join(homeOf(place.world), "clock/observed.json"), "{");
  const result = await observe(place.world, said({ sources: files(40) }));
  assert.deepEqual([result.epoch, result.before], [40, null]);
  rmSync(join(homeOf(place.world), "clock/observed.json"));
  assert.equal((await observe(place.world, said({ sources: files(39) }))).before, null);
});
