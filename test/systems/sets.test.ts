import assert from "node:assert/strict";
import { copyFileSync, existsSync, readdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { answer, enginery, jsonOf, sound, told } from "../engines/support/command.ts";
import { folderOf, temporaryFolder } from "../engines/support/folders.ts";
import { tracesIn } from "./support/evidence.ts";
import { NEEDS_XSNAP, reportOf, workerOf, XsnapChannel, xsnapTold } from "./support/xsnap-channel.ts";

const [SOUND, MIXED, LATER] = ["0.14.3-u16.1", "0.14.3-upgrade-16a-dev-fb592e4.0", "0.15.0"] as const;
/** As a Polkadot validator has them: all of one version, or none. */
const SET = ["polkadot", "polkadot-prepare-worker", "polkadot-execute-worker"] as const;

describe("P2: three entry points that must be of one version", { skip: NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  let channel: XsnapChannel;
  let home: string;

  /** Real executables that report `versions`, published as one release called `version`. */
  async function publish(version: string, validFrom: number, versions: readonly string[]): Promise<void> {
    const files = Object.fromEntries(SET.map((name, at) => [name, workerOf(versions[at] ?? version)]));
    const tree = folderOf(work, `set-${version}-${versions.join("-")}`, files);
    const entries = SET.flatMap((name) => ["--entry", `${name}=${name}:executable`]);
    const words = [...entries, "--probe=-v", "--guard-files"];
    await channel.publisher.add({ engine: "polkadot", version, from: { tree }, words });
    await channel.publisher.deploy("polkadot", version, validFrom);
    await channel.publisher.sign("--epoch", "10");
  }

  before(async () => {
    channel = await XsnapChannel.begin(work, "validators", "--unit", "session");
    await publish(SOUND, 0, [SOUND, SOUND, SOUND]);
    home = await channel.install("home", 10);
  });

  it("P2: a set of one version switches as one, by session", async (t) => {
    t.diagnostic(xsnapTold(SOUND));
    for (const name of SET) {
      const ran = await sound(["exec", "polkadot", "--entry", name, "--epoch", "20", "--", "-v"], { home });
      assert.match(ran.stdout, reportOf(SOUND));
      const launched = await sound(["-v"], { home, program: join(home, "bin", name), env: { ENGINERY_EPOCH: "20" } });
      assert.match(launched.stdout, reportOf(SOUND));
    }
  });

  it("P2: one of three reports another version: refused before the commit, naming the file and both versions", async (t) => {
    t.diagnostic(xsnapTold(SOUND, MIXED));
    await publish(MIXED, 100, [MIXED, MIXED, SOUND]);
    const before = await answer<{ generations: unknown[] }>(["history"], { home });
    const refused = await enginery(["upgrade", "--json"], { home });
    assert.equal(refused.status, 3, told(refused));
    const { failed } = jsonOf<{ failed: { version: string; code: string; message: string }[] }>(refused);
    const [first] = failed;
    assert.deepEqual([failed.length, first?.version, first?.code], [1, MIXED, "probe-failed"]);
    const message = first?.message ?? "";
    assert.ok(message.includes(`polkadot-execute-worker -v should say ${MIXED}; it said "xsnap ${SOUND} `), message);
    assert.ok(!existsSync(join(home, "engines", "polkadot", MIXED)), "nothing of it is in place");
    const { engines } = await answer<{ engines: { version: string }[] }>(["list"], { home });
    assert.deepEqual(
      engines.map(({ version }) => version),
      [SOUND],
    );
    assert.ok(before.generations.length >= 1);
    for (const name of SET) {
      const asked = await enginery(["which", "polkadot", "--entry", name, "--epoch", "100"], { home });
      assert.equal(asked.status, 8, told(asked));
    }
  });

  it("P2: where it is in effect or due, nothing at all is committed", async (t) => {
    t.diagnostic(xsnapTold(SOUND, MIXED));
    await sound(["quarantine", "lift", await quarantined()], { home });
    await sound(["observe", "100"], { home });
    const generations = () => readdirSync(join(home, "generations")).sort();
    const before = generations();
    const refused = await enginery(["upgrade", "--json"], { home });
    assert.equal(refused.status, 3, told(refused));
    const { error } = jsonOf<{ error: { code: string; message: string } }>(refused);
    assert.equal(error.code, "probe-failed");
    assert.ok(error.message.includes("polkadot-execute-worker"), error.message);
    assert.deepEqual(generations(), before);
  });

  async function quarantined(): Promise<string> {
    const { quarantined } = await answer<{ quarantined: { tree: string }[] }>(["quarantine"], { home });
    return quarantined[0]?.tree ?? "";
  }

  it("P2: one of a set that was put in place by hand is not started, nor are those that would start it", async (t) => {
    t.diagnostic(xsnapTold(SOUND, LATER));
    const { path } = await answer<{ path: string }>(["which", "polkadot", "--epoch", "20"], { home });
    const execute = join(dirname(path), "polkadot-execute-worker");
    copyFileSync(workerOf(LATER), `${execute}.new`);
    renameSync(`${execute}.new`, execute);
    const before = tracesIn(home);
    for (const name of SET) {
      for (const ran of [
        await enginery(["exec", "polkadot", "--entry", name, "--epoch", "20", "--", "-v"], { home }),
        await enginery(["-v"], { home, program: join(home, "bin", name), env: { ENGINERY_EPOCH: "20" } }),
      ]) {
        assert.deepEqual([ran.status, ran.stdout], [125, ""], told(ran));
        assert.match(ran.stderr, /^enginery: error installation-damaged .*polkadot-execute-worker was changed/m);
      }
    }
    assert.deepEqual(tracesIn(home), before, "none was started");
    await sound(["verify", "--repair"], { home });
    assert.match((await sound(["exec", "polkadot", "--epoch", "20", "--", "-v"], { home })).stdout, reportOf(SOUND));
  });
});
