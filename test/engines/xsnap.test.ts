import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { answer, CHECKOUT, enginery, jsonOf, sound, told } from "./support/command.ts";
import { pathOf, preparedEngines, reasonToSkip, XSNAP_VERSIONS } from "./support/engines.ts";
import { contentOf, folderOf, temporaryFolder } from "./support/folders.ts";
import { Publisher } from "./support/publisher.ts";
import { type StaticServer, serveFolder } from "./support/static-server.ts";
import { evaluate } from "./support/worker.ts";

const { xsnap } = preparedEngines();
const [FIRST, SECOND, THIRD] = XSNAP_VERSIONS;
const skip = reasonToSkip(...XSNAP_VERSIONS.map((version) => xsnap[version]));

interface Pruned {
  readonly removed: readonly { readonly version: string }[];
  readonly kept: readonly { readonly version: string; readonly keptBy: readonly { readonly kind: string }[] }[];
}

interface Which {
  readonly version: string;
  readonly tree: string;
  readonly path: string;
  readonly because: string;
}

describe("a channel of three xsnap releases, from nothing to prune", { skip }, () => {
  const work = temporaryFolder();
  const home = join(work, "home");
  const publisher = new Publisher(work, "agoric");
  let server: StaticServer;
  let root: string;
  const ours = (...words: readonly string[]) => enginery(words, { home });
  const which = async (epoch: number): Promise<Which> => {
    const words = ["which", "xsnap", "--epoch", `${epoch}`];
    const { version, tree, path, because } = await answer<Which>(words, { home });
    return { version, tree, path, because };
  };
  const reported = async (epoch: number) =>
    (await sound(["exec", "xsnap", "--epoch", `${epoch}`, "--", "-v"], { home })).stdout.trim();

  before(async () => {
    server = await serveFolder(() => publisher.repository);
    root = (await publisher.init("--unit", "height")).root.path;
    await publish(FIRST, 0);
    await publish(SECOND, 100);
    await publisher.sign("--epoch", "50");
  });
  after(async () => await server[Symbol.asyncDispose]());

  async function publish(version: string, validFrom: number): Promise<void> {
    const tree = folderOf(work, `tree-${version}`, { "xsnap-worker": pathOf(xsnap[version]) });
    const expect = `^xsnap ${version.replaceAll(".", "\\.")} \\(XS [0-9.]+\\)\\s*$`;
    await publisher.add({ engine: "xsnap", version, from: { tree }, entry: "xsnap-worker", probe: ["-v", expect] });
    await publisher.deploy("xsnap", version, validFrom);
  }

  it("installs both over HTTP", async () => {
    const installed = await answer<{ generation: number; installed: { version: string }[]; downloadedBytes: number }>(
      ["install", "--from", server.url, "--channel", "agoric", "--root", root],
      { home },
    );
    assert.deepEqual(installed.installed.map(({ version }) => version).sort(), [FIRST, SECOND].sort());
    assert.equal(installed.downloadedBytes, sum(server.served("archives")));
    await sound(["observe", "50"], { home });
  });

  it("answers exactly on both sides of a boundary", async () => {
    assert.deepEqual([(await which(0)).version, (await which(99)).version], [FIRST, FIRST]);
    assert.deepEqual([(await which(100)).version, (await which(101)).version], [SECOND, SECOND]);
    assert.deepEqual(
      readFileSync((await which(99)).path),
      readFileSync(pathOf(xsnap[FIRST])),
      "the very bytes that were built",
    );
    assert.equal((await which(99)).because, "schedule");
  });

  it("runs two versions by epoch", async () => {
    assert.match(await reported(99), new RegExp(`^xsnap ${FIRST.replaceAll(".", "\\.")} \\(XS `));
    assert.match(await reported(100), new RegExp(`^xsnap ${SECOND.replaceAll(".", "\\.")} \\(XS `));
  });

  it("hands the worker the descriptors it is spoken to on, by exec and by the launcher", async () => {
    const env = { ENGINERY_HOME: home };
    const exec = ["exec", "xsnap", "--epoch", "100", "--", "vat"];
    assert.match(await evaluate(join(CHECKOUT, "bin", "enginery"), exec, env, "40 + 2"), /^\./);
    assert.match(await evaluate(join(CHECKOUT, "bin", "enginery"), exec, env, "throw Error('no')"), /^!/);
    const launcher = join(home, "bin", "xsnap");
    assert.match(await evaluate(launcher, ["vat"], { ENGINERY_EPOCH: "100" }, "40 + 2"), /^\./);
  });

  it("keeps a pinned tenant on its version, whatever the epoch", async () => {
    await sound(["pin", "vat-7", `xsnap@${FIRST}`], { home });
    const pinned = await answer<Which>(["which", "xsnap", "--tenant", "vat-7", "--epoch", "150"], { home });
    assert.deepEqual([pinned.version, pinned.because], [FIRST, "pin"]);
    const refused = await ours("which", `xsnap@${SECOND}`, "--tenant", "vat-7");
    assert.equal(refused.status, 3, told(refused));
    await sound(["unpin", "vat-7", "xsnap"], { home });
  });

  it("fetches only the third when it is published", async () => {
    await publish(THIRD, 200);
    await publisher.sign("--epoch", "60");
    const pending = await ours("check", "--json");
    assert.equal(pending.status, 10, told(pending));
    server.log.length = 0;
    const upgraded = await answer<{ installed: { version: string }[]; downloadedBytes: number; generation: number }>(
      ["upgrade"],
      { home },
    );
    assert.deepEqual(
      upgraded.installed.map(({ version }) => version),
      [THIRD],
    );
    const archives = server.served("archives");
    assert.equal(new Set(archives.map(({ path }) => path)).size, 1, "one archive");
    assert.equal(upgraded.downloadedBytes, sum(archives));
    assert.ok(sum(archives) < statSync(pathOf(xsnap[THIRD])).size, "compressed, and nothing beside it");
    assert.match(await reported(200), new RegExp(`^xsnap ${THIRD.replaceAll(".", "\\.")} \\(XS `));
  });

  it("fetches no archive when there is nothing new", async () => {
    const before = contentOf(home);
    server.log.length = 0;
    const again = await answer<{ from: number; to: number; installed: unknown[] }>(["upgrade"], { home });
    assert.deepEqual([again.installed, again.from], [[], again.to]);
    assert.deepEqual(server.served("archives"), []);
    assert.deepEqual(contentOf(home), before, "nothing in the home changed");
  });

  it("finds one flipped bit, names the file, and mends it", async () => {
    const { path } = await which(150);
    const mode = statSync(path).mode;
    chmodSync(path, 0o755);
    const bytes = readFileSync(path);
    bytes[123_456] = (bytes[123_456] ?? 0) ^ 0x10;
    writeFileSync(path, bytes);
    chmodSync(path, mode);
    const found = await ours("verify");
    assert.equal(found.status, 5, told(found));
    assert.match(found.stdout + found.stderr, /xsnap-worker/);
    const { problems } = jsonOf<{ problems: { version: string; path: string; kind: string }[] }>(
      await ours("verify", "--json"),
    );
    assert.deepEqual(
      problems.map(({ version, path, kind }) => [version, path, kind]),
      [[SECOND, "xsnap-worker", "changed"]],
    );
    const repaired = await answer<{ ok: boolean; repaired: unknown[] }>(["verify", "--repair"], { home });
    assert.deepEqual([repaired.ok, repaired.repaired.length], [true, 1]);
    assert.deepEqual(readFileSync(path), readFileSync(pathOf(xsnap[SECOND])));
    assert.equal(statSync(path).mode, mode);
    await sound(["verify"], { home });
  });

  it("rolls back without fetching: the third's epochs have no engine, the others answer as before", async () => {
    const earlier = [await which(50), await which(150)];
    server.log.length = 0;
    const back = await answer<{ generation: number; downloadedBytes: number; lost: unknown }>(["rollback"], { home });
    assert.equal(back.downloadedBytes, 0);
    assert.deepEqual(server.log, [], "not one request");
    for (const words of [
      ["which", "xsnap", "--epoch", "250", "--json"],
      ["which", "xsnap", "--epoch", "200", "--json"],
    ]) {
      const lost = await ours(...words);
      assert.equal(lost.status, 8, told(lost));
      assert.equal(jsonOf<{ error: { code: string } }>(lost).error.code, "release-not-installed");
    }
    const executed = await ours("exec", "xsnap", "--epoch", "250", "--", "-v");
    assert.equal(executed.status, 128, told(executed));
    assert.match(executed.stderr, /^enginery: error release-not-installed/m);
    assert.deepEqual([await which(50), await which(150)], earlier);
    assert.match(await reported(199), new RegExp(SECOND));
    const { engines } = await answer<{ engines: { version: string }[] }>(["list"], { home });
    assert.deepEqual(engines.map(({ version }) => version).sort(), [FIRST, SECOND].sort());
  });

  it("says of each installation why prune keeps it", async () => {
    const before = contentOf(home);
    const { kept } = await answer<{ kept: { version: string; keptBy: { kind: string }[] }[] }>(["prune", "--dry-run"], {
      home,
    });
    assert.deepEqual(kept.map(({ version }) => version).sort(), [...XSNAP_VERSIONS].sort());
    for (const { version, keptBy } of kept) assert.ok(keptBy.length > 0, `${version} is kept for a reason`);
    const { stdout } = await sound(["prune", "--dry-run"], { home });
    for (const version of XSNAP_VERSIONS) assert.match(stdout, new RegExp(version.replaceAll(".", "\\.")));
    assert.deepEqual(contentOf(home), before);
  });

  it("holds still after the rollback until it is told to go on", async () => {
    const held = await answer<{ held?: string; installed: unknown[] }>(["upgrade"], { home });
    assert.ok(held.held !== undefined && held.installed.length === 0);
    server.log.length = 0;
    await sound(["upgrade", "--again"], { home });
    assert.match(await reported(250), new RegExp(THIRD));
    assert.deepEqual(server.served("archives"), [], "its bytes were still there");
  });

  it("lets prune wait for a worker that runs", async () => {
    const worker = spawn(join(CHECKOUT, "bin", "enginery"), ["exec", "xsnap", "--epoch", "50", "--", "vat"], {
      env: { ...process.env, ENGINERY_HOME: home },
      stdio: ["ignore", "ignore", "inherit", "pipe", "pipe"],
    });
    const reply = once(worker.stdio[4] as Readable, "data");
    (worker.stdio[3] as Writable).write("3:e42,");
    await reply;
    await sound(["observe", "150"], { home });
    // nothing but the running worker still asks for the first; it would be kept as last known good
    const env = { ENGINERY_KEEP_LAST_KNOWN_GOOD: "0" };
    const words = ["prune", "--before", "150", "--keep-generations", "1", "--yes"];
    const { removed, kept } = await answer<Pruned>(words, { home, env });
    assert.deepEqual(
      removed.filter(({ version }) => version === FIRST),
      [],
    );
    const keptBy = kept.find(({ version }) => version === FIRST)?.keptBy.map(({ kind }) => kind);
    assert.ok(keptBy?.includes("lease"), JSON.stringify(kept));
    (worker.stdio[3] as Writable).write("4:e6*7,");
    assert.match(
      String((await once(worker.stdio[4] as Readable, "data"))[0]),
      /^\d+:\./,
      "its files did not change under it",
    );
    const ended = once(worker, "close");
    (worker.stdio[3] as Writable).end();
    await ended;
    const after = await answer<Pruned>(words, { home, env });
    assert.deepEqual(
      after.removed.map(({ version }) => version),
      [FIRST],
    );
    assert.equal((await ours("which", "xsnap", "--epoch", "50")).status, 8);
    assert.equal((await which(150)).version, SECOND);
  });

  it("refuses a release whose worker reports another version", async () => {
    const liar = "0.16.0";
    const tree = folderOf(work, `tree-${liar}`, { "xsnap-worker": pathOf(xsnap[THIRD]) });
    const probe = ["-v", "^xsnap 0\\.16\\.0 "] as const;
    await publisher.add({ engine: "xsnap", version: liar, from: { tree }, entry: "xsnap-worker", probe });
    await publisher.deploy("xsnap", liar, 300);
    await publisher.sign("--epoch", "150");
    const refused = await ours("upgrade", "--again", "--json");
    assert.equal(refused.status, 3, told(refused));
    const { failed } = jsonOf<{ failed: { version: string; code: string; message: string }[] }>(refused);
    const [liars] = failed;
    assert.deepEqual([failed.length, liars?.version, liars?.code], [1, liar, "probe-failed"]);
    assert.match(liars?.message ?? "", /xsnap-worker|xsnap 0\.15\.0/);
    const { quarantined } = await answer<{ quarantined: { version: string }[] }>(["quarantine"], { home });
    assert.deepEqual(
      quarantined.map(({ version }) => version),
      [liar],
    );
    assert.equal((await ours("which", "xsnap", "--epoch", "300")).status, 8);
  });
});

function sum(served: readonly { readonly bytes: number }[]): number {
  return served.reduce((total, { bytes }) => total + bytes, 0);
}
