import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Manifest } from "../../src/core/model/manifest.ts";
import { answer, enginery, jsonOf, sound, told } from "../engines/support/command.ts";
import { XSNAP_VERSIONS } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { Forgery } from "./support/forgery.ts";
import { NEEDS_XSNAP, reportOf, workerOf, XSNAP, XsnapChannel } from "./support/xsnap-channel.ts";

const [A, B, C] = XSNAP_VERSIONS;
const ROWS = [
  [A, 0],
  [B, 100],
  [C, 200],
] as const;

interface Outcome {
  readonly installed: readonly { readonly version: string }[];
  readonly failed: readonly { readonly version: string; readonly code: string; readonly message: string }[];
}

describe("O5: one bad release among three", { skip: NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  let forgery: Forgery;

  before(async () => {
    forgery = await Forgery.begin(await (await XsnapChannel.begin(work)).publish(...ROWS));
  });
  after(async () => await forgery[Symbol.asyncDispose]());

  /** A copy of the repository where a bit of that version's archive is flipped. */
  function damaged(version: string): string {
    const copy = forgery.copy(forgery.channel.publisher.repository);
    const { engines } = JSON.parse(readFileSync(join(copy, "targets/channels/vats.json"), "utf8")) as Manifest;
    const [build] = Object.values(engines["xsnap"]?.releases[version]?.platforms ?? {});
    const archive = join(copy, "archives", `${build?.archive.sha256}.${build?.archive.format}`);
    const bytes = readFileSync(archive);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0x10;
    writeFileSync(archive, bytes);
    return copy;
  }

  async function installed(name: string) {
    const home = join(work, name);
    const words = ["install", "--from", forgery.server.url, "--channel", "vats", "--root", forgery.channel.root];
    return { ran: await enginery([...words, "--json"], { home }), home };
  }

  it("O5: a damaged archive: the other two are installed and run, the bad one is named", async (t) => {
    t.diagnostic(XSNAP);
    forgery.serve(damaged(B));
    const { ran, home } = await installed("damaged");
    assert.equal(ran.status, 5, told(ran));
    const { installed: there, failed } = jsonOf<Outcome>(ran);
    assert.deepEqual(there.map(({ version }) => version).sort(), [A, C].sort());
    assert.deepEqual([failed.length, failed[0]?.version, failed[0]?.code], [1, B, "hash-mismatch"], told(ran));
    for (const [version, epoch] of [
      [A, 99],
      [C, 200],
    ] as const) {
      const runs = await sound(["exec", "xsnap", "--epoch", `${epoch}`, "--", "-v"], { home });
      assert.match(runs.stdout, reportOf(version));
    }
    const missing = await enginery(["exec", "xsnap", "--epoch", "150", "--", "-v"], { home });
    assert.deepEqual([missing.status, missing.stdout], [128, ""], "its epochs get no other engine");
    assert.ok(!existsSync(join(home, "engines", "xsnap", B)));
    // and once it is served as it was signed, it comes too
    forgery.serve(forgery.channel.publisher.repository);
    const { installed: last } = await answer<Outcome>(["install", `xsnap@${B}`], { home });
    assert.deepEqual(
      last.map(({ version }) => version),
      [B],
    );
  });

  it("O5: where the bad one is in effect, nothing is committed", async (t) => {
    t.diagnostic(XSNAP);
    forgery.serve(forgery.channel.publisher.repository);
    const { home } = await installed("sound");
    await sound(["observe", "250"], { home });
    const generations = readdirSync(join(home, "generations"));
    const { work: folder, publisher } = forgery.channel;
    const again = forgery.copy(publisher.repository);
    const tree = join(folder, "tree-1");
    await sound(["repo", "add", again, "xsnap@0.16.0", "--platform", "any", "--tree", tree, "--probe=-v"]);
    await sound(["repo", "deploy", again, "xsnap@0.16.0", "--valid-from", "260", "--epoch", "250"]);
    await sound(["repo", "sign", again, "--keys-dir", publisher.keys, "--epoch", "250"]);
    forgery.serve(again);
    await sound(["observe", "260"], { home });
    const refused = await enginery(["upgrade", "--json", "--accept-late", "a test"], { home });
    assert.equal(refused.status, 3, told(refused));
    assert.match(refused.stdout, /xsnap-worker -v should say 0\.16\.0; it said/);
    assert.deepEqual(readdirSync(join(home, "generations")), generations);
  });
});

describe("O6: what is installed", { skip: NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  let home: string;

  before(async () => {
    const channel = await (await XsnapChannel.begin(work)).publish(...ROWS);
    home = await channel.install("home", 250);
  });

  for (const [what, harm] of [
    [
      "one bit flipped",
      (path: string) => {
        const bytes = readFileSync(path);
        bytes[123_456] = (bytes[123_456] ?? 0) ^ 0x10;
        writeFileSync(path, bytes);
      },
    ],
    ["cut short", (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 100_000))],
  ] as const) {
    it(`O6: a damaged file (${what}) is found, named and mended`, async (t) => {
      t.diagnostic(XSNAP);
      const { path } = await answer<{ path: string }>(["which", "xsnap", "--epoch", "150"], { home });
      chmodSync(path, 0o755);
      harm(path);
      chmodSync(path, 0o555);
      const found = await enginery(["verify", "--json"], { home });
      assert.equal(found.status, 5, told(found));
      const { problems } = jsonOf<{ problems: { version: string; path: string }[] }>(found);
      assert.deepEqual(
        problems.map((problem) => [problem.version, problem.path]),
        [[B, "xsnap-worker"]],
      );
      const mended = await answer<{ ok: boolean; repaired: unknown[] }>(["verify", "--repair"], { home });
      assert.deepEqual([mended.ok, mended.repaired.length], [true, 1]);
      assert.deepEqual(readFileSync(path), readFileSync(workerOf(B)));
      assert.equal(statSync(path).mode & 0o777, 0o555);
    });
  }

  it("O6: one version below the active one is kept by policy, and prune says why", async (t) => {
    t.diagnostic(XSNAP);
    const env = { ENGINERY_KEEP_EPOCHS: "0", ENGINERY_KEEP_GENERATIONS: "1" };
    const { removed, kept } = await answer<{
      removed: { version: string }[];
      kept: { version: string; keptBy: { kind: string }[] }[];
    }>(["prune", "--yes"], { home, env });
    assert.deepEqual(
      removed.map(({ version }) => version),
      [A],
    );
    assert.deepEqual(kept.map(({ version }) => version).sort(), [B, C].sort());
    assert.deepEqual(
      kept.find(({ version }) => version === B)?.keptBy.map(({ kind }) => kind),
      ["window"],
    );
    const runs = await sound(["exec", "xsnap", "--epoch", "199", "--", "-v"], { home });
    assert.match(runs.stdout, reportOf(B));
    const gone = await enginery(["which", "xsnap", "--epoch", "99"], { home });
    assert.equal(gone.status, 8, told(gone));
  });
});
