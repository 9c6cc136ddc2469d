import { composeWorld } from "./compose.ts";
import type { Epoch, Sha256, Version } from "./core/model/manifest.ts";
import { resolve } from "./core/resolve.ts";
import { leaseWork } from "./ops/lease.ts";
import { type Snapshot, takeSnapshot } from "./ops/snapshot.ts";
import { entryPath, questionOf } from "./ops/which.ts";
import type { World } from "./ops/world.ts";

export { EngineryError, type ErrorCode, type ExitStatus, isEngineryError } from "./core/errors.ts";
export type { Epoch, Sha256, Version } from "./core/model/manifest.ts";

/** What a host asks: which release of `engine` for this tenant at this epoch. */
export interface Question {
  readonly engine: string;
  /** A whole number from 0; left out: the epoch last observed. */
  readonly epoch?: Epoch;
  readonly tenant?: string;
  /** Left out: the release's only entry point, or the one named like the engine. */
  readonly entry?: string;
}

export interface Answer {
  readonly engine: string;
  readonly version: Version;
  /** Tree digest: the release's identity. */
  readonly tree: Sha256;
  readonly entry: string;
  /** Absolute path of the entry point's file. */
  readonly path: string;
  readonly epoch: Epoch | null;
  readonly because: "pin" | "schedule" | "explicit" | "selected";
}

export interface HostHome {
  /**
   * From memory but for one small file where a tenant is given. Errors: `nothing-in-effect`, `release-not-installed`,
   * `epoch-unknown`, `unknown-engine`, `unknown-entry`. Never another engine instead.
   */
  resolve(question: Question): Answer;
  /**
   * A claim on the installation that keeps it from `prune`; dispose of it when the work is done. One file written; the first lease of a
   * release at an epoch also writes a line of the ledger, flushed (some milliseconds). Errors: `marked`, `release-not-installed`.
   */
  lease(answer: Answer): Disposable;
  /** Reads the newest generation again. One small directory read and, where something is new, two files. */
  refresh(): void;
}

/** Opens a home for reading. Costs three small files. Errors: `no-home`, `not-a-home`, `home-newer`, `generation-unreadable`. */
export function openHome(folder: string): HostHome {
  return hostHome(composeWorld(), folder);
}

export function hostHome(world: World, folder: string): HostHome {
  let snapshot: Snapshot = takeSnapshot(world, { home: folder });
  const told = new Set<string>();
  return {
    resolve: (question) => {
      const { entryPoint, ...resolution } = resolve(questionOf(snapshot, question));
      return { ...resolution, path: entryPath(snapshot, resolution, entryPoint.path) };
    },
    lease: (answer) => leaseWork(world, snapshot, answer, told),
    refresh: () => {
      snapshot = takeSnapshot(world, { home: folder });
    },
  };
}
