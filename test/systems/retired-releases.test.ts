import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { answer, enginery, jsonOf, sound, told } from "../engines/support/command.ts";
import { XSNAP_VERSIONS } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { NEEDS_XSNAP, reportOf, XSNAP, XsnapChannel } from "./support/xsnap-channel.ts";

const [LEGACY, NEWEST, NEXT] = XSNAP_VERSIONS;
const TENANTS = ["vat-7", "vat-8"] as const;

interface Pruned {
  readonly removed: readonly { readonly version: string }[];
  readonly kept: readonly {
    readonly version: string;
    readonly keptBy: readonly { readonly kind: string; readonly tenant?: string }[];
  }[];
}

describe("A7: legacy and newest", { skip: NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  let channel: XsnapChannel;
  let home: string;
  let repository: string;

  before(async () => {
    channel = await XsnapChannel.begin(work);
    repository = channel.publisher.repository;
    await channel.add(LEGACY);
    await sound(["repo", "rules", repository, "xsnap", "--max-deployments", "2"]);
    await channel.publish([LEGACY, 0], [NEWEST, 100]);
    home = await channel.install("home", 150);
    for (const tenant of TENANTS) await sound(["pin", tenant, `xsnap@${LEGACY}`], { home });
  });

  it("A7: a third version is refused where the rules say two, until the oldest goes", async (t) => {
    t.diagnostic(XSNAP);
    await channel.add(NEXT);
    const deploy = ["repo", "deploy", repository, `xsnap@${NEXT}`, "--valid-from", "200", "--epoch", "150", "--json"];
    const third = await enginery(deploy);
    assert.equal(third.status, 3, told(third));
    assert.equal(jsonOf<{ error: { code: string } }>(third).error.code, "schedule-max-deployments");
    await sound(["repo", "retire", repository, `xsnap@${LEGACY}`, "--epoch", "150"]);
    await sound(deploy);
    await channel.publisher.sign("--epoch", "150");
  });

  it("A7: what the channel retires stays for the tenants that are pinned to it, and they are named when it does", async (t) => {
    t.diagnostic(XSNAP);
    for (const verb of ["check", "upgrade"]) {
      const ran = await enginery([verb], { home });
      assert.equal(ran.status, verb === "check" ? 10 : 0, told(ran));
      for (const word of [`xsnap@${LEGACY}`, "2 tenants are pinned to it", ...TENANTS])
        assert.ok(ran.stderr.includes(word), told(ran));
    }
    for (const tenant of TENANTS) {
      const ran = await sound(["exec", "xsnap", "--tenant", tenant, "--", "-v"], { home });
      assert.match(ran.stdout, reportOf(LEGACY));
    }
    const { stdout } = await sound(["exec", "xsnap", "--", "-v"], { home });
    assert.match(stdout, reportOf(NEWEST), "nobody else gets it");
  });

  it("A7: it is not removed while a tenant is pinned to it, and the tenants are named", async (t) => {
    t.diagnostic(XSNAP);
    const prune = ["prune", "--before", "150", "--keep-generations", "1", "--yes"];
    const env = { ENGINERY_KEEP_LAST_KNOWN_GOOD: "0" };
    const folder = join(home, "engines", "xsnap", LEGACY);
    const { removed, kept } = await answer<Pruned>(prune, { home, env });
    assert.deepEqual(removed, []);
    const keptBy = kept.find(({ version }) => version === LEGACY)?.keptBy ?? [];
    assert.deepEqual(
      keptBy.map(({ kind, tenant }) => [kind, tenant]).sort(),
      TENANTS.map((tenant) => ["pin", tenant]),
    );
    const said = await sound([...prune, "--dry-run"], { home });
    for (const tenant of TENANTS) assert.ok(said.stdout.includes(tenant), told(said));
    await sound(["unpin", TENANTS[0], "xsnap"], { home });
    assert.deepEqual((await answer<Pruned>(prune, { home, env })).removed, [], "one is left");
    assert.ok(existsSync(folder));
    await sound(["unpin", TENANTS[1], "xsnap"], { home });
    const last = await answer<Pruned>(prune, { home, env });
    assert.deepEqual(
      last.removed.map(({ version }) => version),
      [LEGACY],
    );
    assert.ok(!existsSync(folder));
  });
});
