import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { answer, CHECKOUT, sound } from "../engines/support/command.ts";
import { contentOf, temporaryFolder } from "../engines/support/folders.ts";
import { engineOf, runningProgram } from "./support/evidence.ts";
import { WorkerSession } from "./support/worker-session.ts";
import { NEEDS_XSNAP, XsnapChannel, xsnapTold } from "./support/xsnap-channel.ts";

const [OLD, NEXT] = ["0.14.3-u16.1", "0.15.0"] as const;

interface Pruned {
  readonly removed: readonly { readonly version: string }[];
  readonly kept: readonly { readonly version: string; readonly keptBy: readonly { readonly kind: string }[] }[];
}

describe("P3: an engine that runs while all around it changes", { skip: NEEDS_XSNAP }, () => {
  for (const way of ["exec", "the launcher"] as const) {
    const work = join(temporaryFolder(), "work");
    let channel: XsnapChannel;
    let home: string;

    before(async () => {
      channel = await XsnapChannel.begin(work);
      await channel.publish([OLD, 0]);
      home = await channel.install("home", 10);
    });

    it(`P3: started by ${way}: its files never change, upgrade lays out beside, prune waits for the lease`, async (t) => {
      t.diagnostic(xsnapTold(OLD, NEXT));
      const started =
        way === "exec"
          ? new WorkerSession(join(CHECKOUT, "bin", "enginery"), ["exec", "xsnap", "--", "vat"], home)
          : new WorkerSession(join(home, "bin", "xsnap"), ["vat"], home);
      await using worker = started;
      await worker.run("globalThis.memory = ['kept']");
      const { path } = await answer<{ path: string }>(["which", "xsnap"], { home });
      const pid = await engineOf(worker.pid, path);
      const before = { program: runningProgram(pid), folder: contentOf(dirname(path)) };
      /** The kernel's own word for it: the same inode, the same bytes, and not deleted. */
      const untouched = (when: string) =>
        assert.deepEqual({ program: runningProgram(pid), folder: contentOf(dirname(path)) }, before, when);

      await channel.add(NEXT);
      await channel.publisher.deploy("xsnap", NEXT, 100);
      await channel.publisher.sign("--epoch", "10");
      const { installed } = await answer<{ installed: { version: string; path: string }[] }>(["upgrade"], { home });
      const [beside] = installed;
      assert.equal(beside?.version, NEXT);
      assert.notEqual(beside?.path, dirname(path), "laid out beside");
      untouched("after the upgrade");
      await sound(["observe", "100"], { home });
      assert.ok((await answer<{ path: string }>(["which", "xsnap"], { home })).path.startsWith(beside?.path ?? "-"));
      await sound(["verify", "--repair"], { home });
      untouched("after verify --repair");

      // nothing but the process still asks for it; it would be kept as last known good
      const env = { ENGINERY_KEEP_SUPERSEDED: "0", ENGINERY_KEEP_LAST_KNOWN_GOOD: "0" };
      const prune = ["prune", "--before", "100", "--keep-generations", "1", "--yes"];
      const { removed, kept } = await answer<Pruned>(prune, { home, env });
      assert.deepEqual(removed, []);
      const keptBy = kept.find(({ version }) => version === OLD)?.keptBy.map(({ kind }) => kind);
      assert.deepEqual(keptBy, ["lease"]);
      untouched("after prune");
      assert.equal(await worker.value("memory.concat('all along')"), "kept,all along");

      await worker.end();
      const after = await answer<Pruned>(prune, { home, env });
      assert.deepEqual(
        after.removed.map(({ version }) => version),
        [OLD],
      );
      assert.ok(!existsSync(path));
      assert.ok(statSync(beside?.path ?? "").isDirectory());
    });
  }
});
