import { isEngineryError } from "../../core/errors.ts";
import type { Generation } from "../../core/model/home.ts";
import type { Epoch, Manifest } from "../../core/model/manifest.ts";
import type { Pulse } from "../../ports/pulse.ts";
import type { Home } from "../../store/home.ts";
import type { StorePorts } from "../../store/ports.ts";
import type { Listeners } from "./changes.ts";
import { type PinMemory, pinMemoryOf } from "./pin-memory.ts";
import { epochNow, type PresentEpoch, readPresentEpoch } from "./present-epoch.ts";
import { readStatement, type Statement } from "./statement.ts";
import { troublesOf } from "./troubles.ts";

/** No answer is given from a look at the home that is older than this, whatever kept us from looking again. */
export const TRUSTED_MS = 1_000;

/** What a host is answered from. It follows the disk where it is told to look, and looks by itself before it would be too old. */
export interface HomeMemory {
  readonly home: Home;
  readonly pins: PinMemory;
  /**
   * What the home states now, or did a second ago at most; the same object as long as nothing changes. Cost: nothing, or a look.
   * Errors: as `look`.
   */
  statement(): { readonly generation: Generation; readonly manifest: Manifest };
  /** The epoch observed; undefined where it is unknown. Errors: `home-damaged`, `config-invalid`. */
  epoch(): Epoch | undefined;
  /**
   * Looks now. Cost: some 270 looks at files and folders, three small reads; for a new generation its record and manifest too.
   * Errors: `generation-unreadable`, `home-damaged`, `home-newer`, `no-home`, `not-a-home`; `permission`, `io`, `missing`.
   */
  look(): void;
  /** Reads on in the pins until `isOver` or all is done; true: done. */
  readOn(isOver: () => boolean): boolean;
}

/** Errors: as `HomeMemory.look`. */
export function homeMemoryOf(world: StorePorts, pulse: Pulse, path: string, listeners: Listeners): HomeMemory {
  let trustedUntil = pulse.now() + TRUSTED_MS;
  let statement: Statement = readStatement(world, path, undefined);
  let present: PresentEpoch = readPresentEpoch(statement.home);
  let toldEpoch = epochOrNull();
  const { home } = statement;
  const pins = pinMemoryOf(home.pins, pulse);
  const troubles = troublesOf(listeners);
  pins.look();

  function look(): void {
    const now = pulse.now();
    troubles.begin();
    try {
      take(readStatement(world, path, statement));
      pins.look();
    } catch (error) {
      if (!isEngineryError(error)) throw error;
      const couldNotSee = isEngineryError(error, "permission", "io", "missing");
      // seen to be wrong: what is in memory is not the state of the home, however young it is
      if (!couldNotSee) trustedUntil = Number.NEGATIVE_INFINITY;
      troubles.met(error, couldNotSee ? "soon" : "all");
      throw error;
    } finally {
      troubles.end();
    }
    trustedUntil = now + TRUSTED_MS;
  }

  /** All that is answered from is in place before the first is told. */
  function take(next: Statement): void {
    const before = statement;
    statement = next;
    present = readPresentEpoch(home);
    const { number } = before.generation;
    if (next !== before) listeners.tell({ kind: "generation", generation: next.generation.number, before: number });
    const epoch = epochOrNull();
    if (epoch !== toldEpoch) listeners.tell({ kind: "epoch", epoch, before: toldEpoch });
    toldEpoch = epoch;
    for (const seen of Object.values(present)) if ("error" in seen) troubles.met(seen.error, "some");
  }

  function epochOrNull(): Epoch | null {
    try {
      return epochNow(present, world) ?? null;
    } catch (error) {
      if (isEngineryError(error)) return null;
      throw error;
    }
  }

  return {
    home,
    pins,
    statement: () => {
      if (pulse.now() > trustedUntil) look();
      return statement;
    },
    epoch: () => epochNow(present, world),
    look,
    readOn: (isOver) => {
      const isDone = pins.readOn(isOver);
      const { changes, problems } = pins.news();
      if (changes.length > 0) listeners.tell({ kind: "pins", pins: changes });
      for (const error of problems) listeners.tell({ kind: "error", error, stops: "some" });
      return isDone;
    },
  };
}
