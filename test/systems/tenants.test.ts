import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { answer, CHECKOUT, sound } from "../engines/support/command.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { engineOf, leasesIn, ledgerOf, runningProgram, sha256Of } from "./support/evidence.ts";
import { WorkerSession } from "./support/worker-session.ts";
import { NEEDS_XSNAP, workerOf, XsnapChannel, xsnapTold } from "./support/xsnap-channel.ts";

const W1 = "0.14.3-u16.1";
const W2 = "0.15.0";
const PINS = [
  ["vat-a", W1],
  ["vat-b", W2],
] as const;

describe("A1: two tenants, two workers", { skip: NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  let home: string;

  before(async () => {
    const channel = await XsnapChannel.begin(work);
    await channel.add(W1);
    await sound(["repo", "rules", channel.publisher.repository, "xsnap", "--max-deployments", "2"]);
    await channel.publish([W1, 0], [W2, 100]);
    home = await channel.install("home", 50);
    for (const [tenant, version] of PINS) await sound(["pin", tenant, `xsnap@${version}`], { home });
  });

  for (const [way, start] of [
    [
      "exec",
      (tenant: string) =>
        new WorkerSession(join(CHECKOUT, "bin/enginery"), ["exec", "xsnap", "--tenant", tenant, "--", "vat"], home),
    ],
    [
      "the launcher",
      (tenant: string) => new WorkerSession(join(home, "bin/xsnap"), ["vat"], home, { ENGINERY_TENANT: tenant }),
    ],
  ] as const) {
    it(`A1: tenant A pinned to W1, B to W2: by ${way} each gets exactly those bytes; lease and ledger prove it`, async (t) => {
      t.diagnostic(xsnapTold(W1, W2));
      for (const [tenant, version] of PINS) {
        const { tree, path, because } = await answer<{ tree: string; path: string; because: string }>(
          ["which", "xsnap", "--tenant", tenant, "--epoch", "150"],
          { home },
        );
        assert.equal(because, "pin");
        await using worker = start(tenant);
        assert.equal(await worker.value("40 + 2"), "42");
        const pid = await engineOf(worker.pid, path);
        const program = runningProgram(pid);
        assert.deepEqual([program.path, program.sha256], [path, sha256Of(workerOf(version))], "the very bytes built");
        const lease = leasesIn(home).find((one) => one.pid === pid);
        assert.deepEqual([lease?.version, lease?.tenant, lease?.started], [version, tenant, startOf(pid)]);
        const told = ledgerOf(home).at(-1);
        const { verb, detail } = told ?? assert.fail();
        assert.deepEqual([verb, detail?.["version"], detail?.["tree"]], ["exec", version, tree]);
        assert.deepEqual([detail?.["tenant"], detail?.["because"]], [tenant, "pin"]);
      }
    });
  }

  it("A1: both run at once, and one tenant never gets the other's worker", async (t) => {
    t.diagnostic(xsnapTold(W1, W2));
    const words = (tenant: string) => ["exec", "xsnap", "--tenant", tenant, "--", "vat"];
    const program = join(CHECKOUT, "bin/enginery");
    await using a = new WorkerSession(program, words("vat-a"), home);
    await using b = new WorkerSession(program, words("vat-b"), home);
    assert.deepEqual([await a.value("1"), await b.value("2")], ["1", "2"]);
    for (const [worker, tenant, version] of [
      [a, "vat-a", W1],
      [b, "vat-b", W2],
    ] as const) {
      const { path } = await answer<{ path: string }>(["which", "xsnap", "--tenant", tenant], { home });
      const pid = await engineOf(worker.pid, path);
      assert.equal(runningProgram(pid).sha256, sha256Of(workerOf(version)));
    }
    const refused = new WorkerSession(program, ["exec", `xsnap@${W2}`, "--tenant", "vat-a", "--", "vat"], home);
    const { status, said } = await refused.end();
    assert.deepEqual([status, /^enginery: error pin-mismatch/m.test(said)], [123, true], said);
  });

  it("A1: a worker whose Enginery is killed goes on, and prune still waits for it", async (t) => {
    t.diagnostic(xsnapTold(W1));
    await using worker = new WorkerSession(
      join(CHECKOUT, "bin/enginery"),
      ["exec", "xsnap", "--epoch", "50", "--", "vat"],
      home,
    );
    await worker.run("globalThis.memory = 7");
    const { path } = await answer<{ path: string }>(["which", "xsnap", "--epoch", "50"], { home });
    const pid = await engineOf(worker.pid, path);
    process.kill(worker.pid, "SIGKILL");
    assert.equal(await worker.value("memory"), "7");
    await sound(["unpin", "vat-a", "xsnap"], { home });
    await sound(["observe", "150"], { home });
    const prune = ["prune", "--before", "150", "--keep-generations", "1", "--yes"];
    const { removed, kept } = await answer<Pruned>([...prune], { home });
    assert.deepEqual(removed, []);
    assert.ok(kept.find(({ version }) => version === W1)?.keptBy.some(({ kind }) => kind === "lease"));
    assert.equal(runningProgram(pid).sha256, sha256Of(workerOf(W1)));
  });
});

interface Pruned {
  readonly removed: readonly { readonly version: string }[];
  readonly kept: readonly { readonly version: string; readonly keptBy: readonly { readonly kind: string }[] }[];
}

/** Field 22 of /proc/PID/stat. */
function startOf(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
