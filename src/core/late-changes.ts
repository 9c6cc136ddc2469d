import type { LateChange } from "./model/home.ts";
import type { Deployment, Epoch, Manifest, Version } from "./model/manifest.ts";
import { inEffect } from "./schedule.ts";
import { compareVersions } from "./version.ts";

/**
 * Changes for epochs that have begun here meanwhile: `validFrom` is the first epoch whose answer changes. To retire what was
 * superseded when `after` was published, and is here too, is no such change. Sorted by engine, then version.
 */
export function lateChanges(
  before: Manifest | undefined,
  after: Manifest,
  localEpoch: Epoch | undefined,
): LateChange[] {
  if (before === undefined || localEpoch === undefined) return [];
  const { publishedEpoch } = after;
  const reached = publishedEpoch === null ? undefined : Math.min(publishedEpoch, localEpoch);
  const names = [...new Set([...Object.keys(before.engines), ...Object.keys(after.engines)])].sort();
  return names.flatMap((engine) =>
    engineChanges(deploymentsOf(before, engine), deploymentsOf(after, engine), reached)
      .filter((change) => change.validFrom <= localEpoch)
      .sort((a, b) => compareVersions(a.version, b.version))
      .map((change) => ({ engine, ...change })),
  );
}

function deploymentsOf(manifest: Manifest, engine: string): readonly Deployment[] {
  return Object.hasOwn(manifest.engines, engine) ? (manifest.engines[engine]?.deployments ?? []) : [];
}

function engineChanges(
  before: readonly Deployment[],
  after: readonly Deployment[],
  reached: Epoch | undefined,
): Omit<LateChange, "engine">[] {
  const old = new Map(before.map(({ version, validFrom }) => [version, validFrom]));
  const now = new Map(after.map(({ version, validFrom }) => [version, validFrom]));
  const answer = reached === undefined ? undefined : inEffect(after, reached);
  const versions: Version[] = [...new Set([...old.keys(), ...now.keys()])];
  return versions.flatMap((version): Omit<LateChange, "engine">[] => {
    const [was, is] = [old.get(version), now.get(version)];
    if (was === is) return [];
    if (was === undefined) return is === undefined ? [] : [{ version, validFrom: is, change: "added" }];
    if (is !== undefined) return [{ version, validFrom: Math.min(was, is), change: "altered" }];
    return isRetired(answer, was) ? [] : [{ version, validFrom: was, change: "removed" }];
  });
}

/** By the later list: what superseded it may have come and begun while this client was away. */
function isRetired(answer: Deployment | undefined, validFrom: Epoch): boolean {
  return answer !== undefined && answer.validFrom > validFrom;
}
