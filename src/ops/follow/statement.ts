import { EngineryError } from "../../core/errors.ts";
import type { Generation } from "../../core/model/home.ts";
import type { Manifest } from "../../core/model/manifest.ts";
import { parseManifest } from "../../core/parse-manifest.ts";
import { type Home, openHome } from "../../store/home.ts";
import type { StorePorts } from "../../store/ports.ts";
import { newestOf } from "../snapshot.ts";
import { isSame, type Stamp } from "./file-times.ts";

/** What the newest generation states, in memory. */
export interface Statement {
  readonly home: Home;
  readonly generation: Generation;
  readonly manifest: Manifest;
  readonly stamp: Stamp | undefined;
}

/**
 * The newest statement; the same object where nothing has changed. Cost: VERSION and one list; for a new generation its record, and
 * its manifest where that is another one. Errors: those of `openHome` in store, `generation-unreadable` also where one that was in
 * memory is gone, `home-damaged`.
 */
export function readStatement(world: StorePorts, path: string, before: Statement | undefined): Statement {
  const home = openHome(path, world);
  const highest = home.generations.numbers().at(-1);
  if (before !== undefined && highest === before.generation.number) {
    if (isSame(home.generations.stamp(highest), before.stamp)) return before;
  }
  const stamp = highest === undefined ? undefined : home.generations.stamp(highest);
  const { newest: generation, manifestBytes } = newestOf(home);
  if (before !== undefined) requireNoStepBack(home, generation.number, before.generation.number);
  const isKnown = before?.generation.manifest.sha256 === generation.manifest.sha256;
  const manifest = isKnown ? before.manifest : parseManifest(manifestBytes);
  // where another one was committed meanwhile, the next look sees it: this stamp is not its own
  return { home, generation, manifest, stamp: generation.number === highest ? stamp : undefined };
}

/** A home may lose its newest generation and its ledger together, as a copy brought back does: we know better. */
function requireNoStepBack(home: Home, newest: number, known: number): void {
  if (newest >= known || home.generations.setAsideNumbers().includes(known)) return;
  throw new EngineryError(
    "generation-unreadable",
    `Generation ${known} was there and is gone; ${newest} is the newest.`,
    {
      hint: "Mend it: `enginery doctor --fix`. If an older home was put back on purpose: open it again.",
      context: { number: known },
    },
  );
}
