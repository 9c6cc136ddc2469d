import type { Generation, Installation } from "./model/home.ts";
import type { Epoch, Manifest, Version } from "./model/manifest.ts";

export interface RollbackFacts {
  readonly newest: Generation;
  /** The generation to restate. */
  readonly to: Generation;
  /** The accepted one: a rollback never changes the schedule. */
  readonly manifest: Manifest;
  readonly epoch?: Epoch | undefined;
  /** Whether an installation is on disk, sealed. */
  readonly present: (installation: Installation) => boolean;
}

export interface RollbackPlan {
  readonly installations: readonly Installation[];
  readonly selections: Readonly<Record<string, Version>>;
  readonly restores: number;
  /** `upgrade` holds still until a serial above this one. */
  readonly holdsSerial: number;
  /** What is stated now and no longer then. */
  readonly lostEngines: readonly { readonly engine: string; readonly version: Version }[];
  /** Those of `lostEngines` that answer for epochs which have begun; none where the epoch is unknown. */
  readonly losesBegun: readonly { readonly engine: string; readonly version: Version; readonly validFrom: Epoch }[];
}

/** A new generation that restates an old one: installations that are there still, and selections. Nothing is refused here. */
export function planRollback(facts: RollbackFacts): RollbackPlan {
  const { newest, to, present } = facts;
  const installations = to.installations.filter(present);
  const lost = newest.installations.filter((now) => !installations.some((then) => isSame(now, then)));
  return {
    installations,
    selections: to.selections,
    restores: to.number,
    holdsSerial: newest.manifest.serial,
    lostEngines: lost.map(({ engine, version }) => ({ engine, version })),
    losesBegun: lost.flatMap((installation) => begun(facts, installation)),
  };
}

function isSame(a: Installation, b: Installation): boolean {
  return a.engine === b.engine && a.version === b.version && a.tree === b.tree;
}

function begun({ manifest, epoch }: RollbackFacts, { engine, version }: Installation): RollbackPlan["losesBegun"] {
  const deployments = Object.hasOwn(manifest.engines, engine) ? (manifest.engines[engine]?.deployments ?? []) : [];
  return deployments
    .filter((one) => one.version === version && epoch !== undefined && one.validFrom <= epoch)
    .map(({ validFrom }) => ({ engine, version, validFrom }));
}
