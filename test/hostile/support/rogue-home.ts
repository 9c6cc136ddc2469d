import assert from "node:assert/strict";
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lookAt } from "../../safety/checker.ts";
import { makeTestWorld, type TestWorld } from "../../support/test-world.ts";
import { type ArchiveCase, GOOD, GOOD_ENTRY } from "./archive-cases.ts";
import { command } from "./command.ts";
import { END } from "./raw-tar.ts";
import { RogueChannel, type RogueRelease } from "./rogue-channel.ts";
import { compressed, treeOf } from "./unpacking.ts";

export const SOUND: RogueRelease = {
  version: "1.0.0",
  validFrom: 0,
  archive: { format: "tar.zst", bytes: compressed["tar.zst"](Buffer.concat([GOOD_ENTRY, END])) },
  tree: treeOf(GOOD),
};

/** What the refusal of a release leaves: the records of it, what was fetched, what the next sweep takes. */
const RECORDS = /^home\/(cache|staging|trust|quarantine|manifests|trees|leases|marks|ledger\.jsonl|\.writer)/;

/** A home that follows a publisher who has turned against it; a stranger's file lies beside. */
export class RogueHome implements AsyncDisposable {
  readonly world: TestWorld & Disposable = makeTestWorld();
  readonly channel = new RogueChannel(this.world);
  readonly path = join(this.world.folder, "home");
  #server: AsyncDisposable | undefined;

  static async begin(): Promise<RogueHome> {
    const made = new RogueHome();
    const { channel, world, path } = made;
    channel.publish([SOUND]);
    const server = await channel.simulator.serve();
    made.#server = server;
    const first = ["install", "--from", server.base, "--channel", "main", "--root-sha256", channel.rootSha256];
    for (const words of [first, ["observe", "50"]]) {
      const { status, stderr } = await command(world, [...words, "--home", path]);
      assert.equal(status, 0, stderr);
    }
    writeFileSync(join(world.folder, "passwd"), "somebody else's");
    return made;
  }

  /** Runs `upgrade`: it must end with one of `statuses` and leave all that counts as it was. Answers the code. */
  async refusesUpgrade(statuses: readonly number[], label: string): Promise<string | undefined> {
    const kept = keptOf(this.world.folder);
    // the archive is what is hostile: what is here already would be taken in its place
    const words = ["upgrade", "--home", this.path, "--no-deltas", "--json"];
    const { status, stdout, stderr, code } = await command(this.world, words);
    assert.ok(statuses.includes(status), `${label}: exit ${status}\n${stdout}${stderr}`);
    assert.ok(!/\n\s+at /.test(stdout + stderr), `${label}: a stack trace`);
    assert.deepEqual(keptOf(this.world.folder), kept, `${label}: something was touched`);
    assert.deepEqual(lookAt(this.path).problems, [], label);
    return code;
  }

  /** A release that is signed and hostile; it must be quarantined too, which is then forgotten for the next of its tree. */
  async refusesRelease(hostile: ArchiveCase, version: string): Promise<void> {
    const label = `input ${hostile.number}, ${hostile.name}`;
    this.channel.publish([SOUND, releaseOf(hostile, version)]);
    const code = await this.refusesUpgrade([3, 5], label);
    assert.ok(["archive-hostile", "archive-malformed", "tree-mismatch"].includes(code ?? ""), `${label}: ${code}`);
    const again = await this.refusesUpgrade([3, 5], label);
    assert.equal(again, "release-quarantined", label);
    for (const name of readdirSync(join(this.path, "quarantine"))) rmSync(join(this.path, "quarantine", name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.world[Symbol.dispose]();
  }
}

function releaseOf(hostile: ArchiveCase, version: string): RogueRelease {
  const tar = hostile.whole === true ? hostile.tar : Buffer.concat([GOOD_ENTRY, hostile.tar ?? END, END]);
  const archive = hostile.archive ?? { format: "tar.gz" as const, bytes: compressed["tar.gz"](tar ?? END) };
  return { version, validFrom: 10, archive, tree: treeOf({ ...GOOD, ...hostile.claimed }) };
}

/** Every file below `folder` with its mode. */
function keptOf(folder: string): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  const visit = (path: string): void => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const inner = path === "" ? name : `${path}/${name}`;
      if (RECORDS.test(inner)) continue;
      const status = lstatSync(join(folder, inner));
      if (status.isDirectory()) visit(inner);
      const link = status.isSymbolicLink() ? readlinkSync(join(folder, inner)) : "";
      const content = status.isFile() ? readFileSync(join(folder, inner), "latin1") : link;
      kept.set(inner, `${(status.mode & 0o7777).toString(8)} ${content}`);
    }
  };
  visit("");
  return kept;
}
