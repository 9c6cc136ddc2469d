import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Manifest } from "../../src/core/model/manifest.ts";
import { answer, enginery, jsonOf, sound, told } from "../engines/support/command.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { Forgery } from "./support/forgery.ts";
import { NEEDS_XSNAP, reportOf, XsnapChannel, xsnapTold } from "./support/xsnap-channel.ts";

const [HERE, THERE] = ["0.14.3-u16.1", "0.15.0"] as const;
const ENGINES = xsnapTold(HERE, THERE);

describe("P5: a manifest for another channel is never accepted", { skip: NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  let mainnet: XsnapChannel;
  let forgery: Forgery;
  let home: string;

  before(async () => {
    // one publisher, two networks: the same keys sign both
    mainnet = await XsnapChannel.begin(work, "mainnet", "--unit", "session");
    const { publisher } = mainnet;
    await sound(["repo", "init", publisher.repository, "--channel", "testnet", "--unit", "session"]);
    for (const [channel, version] of [
      ["mainnet", HERE],
      ["testnet", THERE],
    ] as const) {
      await mainnet.add(version, { words: ["--channel", channel] });
      const deploy = ["repo", "deploy", publisher.repository, `xsnap@${version}`, "--channel", channel];
      await sound([...deploy, "--valid-from", "0"]);
      await publisher.sign("--channel", channel, "--epoch", "0");
    }
    forgery = await Forgery.begin(mainnet);
    home = await forgery.install("home", 10);
  });
  after(async () => await forgery[Symbol.asyncDispose]());

  const runs = async (version: string, at = home) =>
    assert.match((await sound(["exec", "xsnap", "--", "-v"], { home: at })).stdout, reportOf(version));

  it("P5: each follows its own: upgrade of one never takes what the other has", async (t) => {
    t.diagnostic(ENGINES);
    const { installed } = await answer<{ installed: unknown[] }>(["upgrade"], { home });
    assert.deepEqual(installed, []);
    await runs(HERE);
    const test = join(work, "home-testnet");
    const words = ["install", "--from", forgery.server.url, "--channel", "testnet", "--root", mainnet.root];
    await sound(words, { home: test });
    await runs(THERE, test);
  });

  it("P5: a home is not moved to another channel by asking", async (t) => {
    t.diagnostic(ENGINES);
    const before = readdirSync(join(home, "generations"));
    const words = ["install", "--from", forgery.server.url, "--channel", "testnet", "--root", mainnet.root, "--json"];
    const refused = await enginery(words, { home });
    assert.deepEqual([refused.status, codeOf(refused.stdout)], [3, "home-exists"], told(refused));
    assert.deepEqual(readdirSync(join(home, "generations")), before);
    await runs(HERE);
  });

  it("P5: the other channel's manifest under this one's name, signed by the right keys: trust-channel", async (t) => {
    t.diagnostic(ENGINES);
    const other = manifestOf(mainnet.publisher.repository, "testnet");
    // as it is, and with this channel's serial and chain
    for (const change of [
      (manifest: Manifest): Manifest => ({ ...other, serial: manifest.serial, previous: manifest.previous }),
      (): Manifest => other,
    ]) {
      const { ran, untouched } = await forgery.upgradeTo(home, 0, change);
      assert.deepEqual([ran.status, codeOf(ran.stdout)], [4, "trust-channel"], told(ran));
      assert.ok(untouched, "the home is byte for byte as before");
    }
  });

  it("P5: the other channel's files copied over this one's, without keys: refused", async (t) => {
    t.diagnostic(ENGINES);
    const copy = forgery.copy(mainnet.publisher.repository);
    const channels = join(copy, "targets", "channels");
    const testnet = readdirSync(channels).filter((name) => name.endsWith("testnet.json"));
    for (const name of readdirSync(channels).filter((file) => file.endsWith("mainnet.json"))) {
      const from = testnet.find((other) => other.includes(".testnet") === name.includes(".mainnet")) ?? "testnet.json";
      copyFileSync(join(channels, from), join(channels, name));
    }
    forgery.serve(copy);
    const follower = forgery.copy(home);
    // the manifest that it has is named by hash: a home that has none yet must take the one that is served
    const fresh = join(work, "fresh");
    const words = ["install", "--from", forgery.server.url, "--channel", "mainnet", "--root", mainnet.root, "--json"];
    const refused = await enginery(words, { home: fresh });
    assert.ok([4, 5].includes(refused.status ?? 0), told(refused));
    assert.match(codeOf(refused.stdout) ?? "", /^(hash-mismatch|length-mismatch)$/);
    await enginery(["upgrade"], { home: follower });
    await runs(HERE, follower);
  });

  it("P5: another publisher's channel of the same name at this address: trust-signature", async (t) => {
    t.diagnostic(ENGINES);
    const stranger = await XsnapChannel.begin(join(work, "stranger"), "mainnet", "--unit", "session");
    await stranger.publish([THERE, 0]);
    // newer than what is here, so that nothing but the keys speaks against it
    await stranger.publisher.sign("--renew", "--epoch", "5");
    forgery.serve(stranger.publisher.repository);
    const follower = forgery.copy(home);
    const refused = await enginery(["upgrade", "--json"], { home: follower });
    assert.equal(refused.status, 4, told(refused));
    assert.match(codeOf(refused.stdout) ?? "", /^trust-(signature|rollback)$/);
    await runs(HERE, follower);
    const fresh = join(work, "fresh-2");
    const words = ["install", "--from", forgery.server.url, "--channel", "mainnet", "--root", mainnet.root, "--json"];
    const first = await enginery(words, { home: fresh });
    assert.deepEqual([first.status, codeOf(first.stdout)], [4, "trust-signature"], told(first));
  });
});

function manifestOf(repository: string, channel: string): Manifest {
  return JSON.parse(readFileSync(join(repository, "targets", "channels", `${channel}.json`), "utf8")) as Manifest;
}

function codeOf(stdout: string): string | undefined {
  return jsonOf<{ error?: { code: string } }>({ words: "", status: null, stdout, stderr: "" }).error?.code;
}
