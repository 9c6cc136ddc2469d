import type { Deployment, Engine, Epoch } from "./model/manifest.ts";
import { releaseName } from "./release-name.ts";
import type { KeptBy, Reason, RetentionFacts, RetentionPolicy } from "./retention.ts";
import { compareVersions } from "./version.ts";

/** Superseded releases kept below the one in effect where the operator names no number (SYSTEMS.md O6). */
export const DEFAULT_KEEP_SUPERSEDED = 1;

/** One rule of what is superseded and stays, and whose it is. The greater need wins: whatever any of them keeps stays. */
export interface WindowRule {
  readonly rule: "everything" | "keepEpochs" | "keepSuperseded" | "before";
  readonly by: "operator" | "publisher" | "default";
  /** Epochs back, releases below the one in effect, or the epoch of `--before`; absent for `everything`. */
  readonly limit?: number;
}

/** What holds for an engine: the operator's rules, and the publisher's, who knows how far back work may be replayed or disputed. */
export function windowRules(policy: RetentionPolicy, retention: Engine["retention"]): readonly WindowRule[] {
  const { before, keepEpochs, keepSuperseded } = policy;
  const publisher = policy.overrulesPublisher ? {} : (retention ?? {});
  const published = [
    ...rule("keepEpochs", "publisher", publisher.keepEpochs),
    ...rule("keepSuperseded", "publisher", publisher.keepSuperseded),
  ];
  if (before !== undefined) return [...rule("before", "operator", before), ...published];
  const isUnlimited = keepEpochs === undefined && publisher.keepEpochs === undefined;
  return [
    ...(isUnlimited ? [{ rule: "everything", by: "default" } as const] : []),
    ...rule("keepEpochs", "operator", keepEpochs),
    ...rule(
      "keepSuperseded",
      keepSuperseded === undefined ? "default" : "operator",
      keepSuperseded ?? DEFAULT_KEEP_SUPERSEDED,
    ),
    ...published,
  ];
}

/** How many epochs back the window of an engine reaches; undefined: without end. */
export function epochsBack(policy: RetentionPolicy, retention: Engine["retention"]): number | undefined {
  const said = windowRules({ ...policy, before: undefined }, retention);
  if (said.some(({ rule: kind }) => kind === "everything")) return undefined;
  return Math.max(0, ...said.flatMap(({ rule: kind, limit }) => (kind === "keepEpochs" ? (limit ?? []) : [])));
}

function rule(kind: WindowRule["rule"], by: WindowRule["by"], limit: number | undefined): WindowRule[] {
  return limit === undefined ? [] : [{ rule: kind, by, limit }];
}

/** What the schedule and the policy keep, whether or not it is installed. Cost: one sort an engine. */
export function windowReasons({
  manifest,
  epoch,
  policy,
}: Pick<RetentionFacts, "manifest" | "epoch" | "policy">): Reason[] {
  return Object.entries(manifest.engines).flatMap(([engine, { deployments, retention }]) => {
    const rules = windowRules(policy, retention);
    const sorted = deployments.toSorted((a, b) => a.validFrom - b.validFrom);
    const begun = epoch === undefined ? 0 : sorted.filter(({ validFrom }) => validFrom <= epoch).length;
    return sorted.flatMap((deployment, place): Reason[] => {
      const span = { deployment, lastEpoch: (sorted[place + 1]?.validFrom ?? Number.POSITIVE_INFINITY) - 1 };
      const name = releaseName({ engine, version: deployment.version });
      return reasonsFor(span, begun - 1 - place, epoch, rules).map((keptBy) => [name, keptBy]);
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
function reasonsFor(
  { deployment: { validFrom }, lastEpoch }: Span,
  below: number,
  epoch: Epoch | undefined,
  rules: readonly WindowRule[],
): readonly KeptBy[] {
  if (epoch === undefined) return [{ kind: "deployment", validFrom, state: null }];
  if (below < 0) return [{ kind: "deployment", validFrom, state: "pending" }];
  if (below === 0) return [{ kind: "deployment", validFrom, state: "in-effect" }];
  return rules
    .filter((one) => isWithin(one, lastEpoch, below, epoch))
    .map((one) => ({ kind: "window", validFrom, lastEpoch, ...one }));
}

function isWithin({ rule: kind, limit = 0 }: WindowRule, lastEpoch: Epoch, below: number, epoch: Epoch): boolean {
  switch (kind) {
    case "everything":
      return true;
    case "keepEpochs":
      return lastEpoch >= epoch - limit;
    case "keepSuperseded":
      return below <= limit;
    case "before":
      return lastEpoch >= limit;
  }
}
