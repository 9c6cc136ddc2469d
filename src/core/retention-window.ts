import type { Deployment, Epoch } from "./model/manifest.ts";
import { releaseName } from "./release-name.ts";
import type { KeptBy, Reason, RetentionFacts, RetentionPolicy } from "./retention.ts";
import { compareVersions } from "./version.ts";

/** What the schedule and the policy keep, whether or not it is installed. Cost: one sort an engine. */
export function windowReasons({
  manifest,
  epoch,
  policy,
}: Pick<RetentionFacts, "manifest" | "epoch" | "policy">): Reason[] {
  return Object.entries(manifest.engines).flatMap(([engine, { deployments }]) => {
    const sorted = deployments.toSorted((a, b) => a.validFrom - b.validFrom);
    const begun = epoch === undefined ? 0 : sorted.filter(({ validFrom }) => validFrom <= epoch).length;
    return sorted.flatMap((deployment, place): Reason[] => {
      const span = { deployment, lastEpoch: (sorted[place + 1]?.validFrom ?? Number.POSITIVE_INFINITY) - 1 };
      const keptBy = reasonFor(span, begun - 1 - place, epoch, policy);
      return keptBy === undefined ? [] : [[releaseName({ engine, version: deployment.version }), keptBy]];
    });
  });
}

/** What no deployment names, unless it is older than all of its engine: that was retired from the schedule. */
export function unscheduledReasons({ newest, manifest, policy }: RetentionFacts): Reason[] {
  if (policy.keepUnscheduled !== true) return [];
  const deployed = new Map(
    Object.entries(manifest.engines).map(([engine, { deployments }]) => [
      engine,
      deployments.map(({ version }) => version).sort(compareVersions),
    ]),
  );
  const scheduled = new Set(
    [...deployed].flatMap(([engine, versions]) => versions.map((version) => releaseName({ engine, version }))),
  );
  return newest.installations.flatMap((installation): Reason[] => {
    const oldest = deployed.get(installation.engine)?.[0];
    const isRetired = oldest !== undefined && compareVersions(installation.version, oldest) < 0;
    if (isRetired || scheduled.has(releaseName(installation))) return [];
    return [[releaseName(installation), { kind: "generation", number: newest.number }]];
  });
}

interface Span {
  readonly deployment: Deployment;
  /** The last epoch at which it is in effect. */
  readonly lastEpoch: Epoch;
}

/** `below`: how many places below the one in effect; 0 for that itself, negative for what is pending. */
function reasonFor(
  { deployment: { validFrom }, lastEpoch }: Span,
  below: number,
  epoch: Epoch | undefined,
  policy: RetentionPolicy,
): KeptBy | undefined {
  if (epoch === undefined) return { kind: "deployment", validFrom, state: null };
  if (below < 0) return { kind: "deployment", validFrom, state: "pending" };
  if (below === 0) return { kind: "deployment", validFrom, state: "in-effect" };
  const isKept =
    policy.before === undefined
      ? lastEpoch >= epoch - policy.keepEpochs || below <= policy.keepSuperseded
      : lastEpoch >= policy.before;
  return isKept ? { kind: "window", validFrom, lastEpoch } : undefined;
}
