import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { answer, enginery, jsonOf, type Ran, told } from "../engines/support/command.ts";
import { XSNAP_VERSIONS } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { NEEDS_XSNAP, reportOf, XSNAP, XsnapChannel } from "./support/xsnap-channel.ts";

const FIRST = 100;
const STEP = 50;
const NOW = 270;

describe("P1: sessions in the past", { skip: NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  const home = join(work, "home");

  before(async () => {
    const channel = await XsnapChannel.begin(work, "sessions", "--unit", "session");
    await channel.publish(...XSNAP_VERSIONS.map((version, position) => [version, FIRST + position * STEP] as const));
    await channel.install("home", NOW);
  });

  /** The worker of that session, asked what it is: by the command and by the launcher. */
  async function bothWays(session: number): Promise<readonly Ran[]> {
    const launcher = { program: join(home, "bin", "xsnap"), env: { ENGINERY_EPOCH: `${session}` } };
    return [
      await enginery(["exec", "xsnap", "--epoch", `${session}`, "--", "-v"], { home }),
      await enginery(["-v"], { home, ...launcher }),
    ];
  }

  it("P1: a session in the past resolves to, and runs, the version in effect then", async (t) => {
    t.diagnostic(XSNAP);
    for (const [position, version] of XSNAP_VERSIONS.entries()) {
      const begins = FIRST + position * STEP;
      for (const session of [begins, begins + 1, begins + STEP - 1]) {
        const words = ["which", "xsnap", "--epoch", `${session}`];
        const found = await answer<{ version: string; because: string }>(words, { home });
        assert.deepEqual([found.version, found.because], [version, "schedule"], `session ${session}`);
      }
      for (const ran of await bothWays(begins + STEP - 1)) {
        assert.equal(ran.status, 0, told(ran));
        assert.match(ran.stdout, reportOf(version));
      }
    }
  });

  it("P1: before the first deployment: exit 8, and nothing runs", async (t) => {
    t.diagnostic(XSNAP);
    const claims = () => readdirSync(join(home, "leases")).sort();
    const ledger = () => readFileSync(join(home, "ledger.jsonl"), "utf8");
    const before = { claims: claims(), ledger: ledger() };
    for (const session of [0, FIRST - 1]) {
      const refused = await enginery(["which", "xsnap", "--epoch", `${session}`, "--json"], { home });
      assert.equal(refused.status, 8, told(refused));
      assert.equal(jsonOf<{ error: { code: string } }>(refused).error.code, "nothing-in-effect");
      for (const ran of await bothWays(session)) {
        assert.equal(ran.status, 128, told(ran));
        assert.match(ran.stderr, /^enginery: error nothing-in-effect /m);
        assert.equal(ran.stdout, "", "no worker said what it is");
      }
    }
    assert.deepEqual({ claims: claims(), ledger: ledger() }, before, "no run was claimed or told of");
  });
});
