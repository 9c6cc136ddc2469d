import type { Generation, Installation, Lease, Pin } from "./model/home.ts";
import type { Deployment, Epoch, Manifest } from "./model/manifest.ts";
import { inEffect, nextAfter } from "./schedule.ts";

/** One reason why prune leaves an installation alone. */
export interface KeptBy {
  readonly kind: "generation" | "deployment" | "pin" | "lease" | "window" | "selected" | "in-use";
  readonly [fact: string]: unknown;
}

export interface RetentionPolicy {
  /** Generations to go back to, the newest included; at least 1. */
  readonly keepGenerations: number;
  /** Keep what was in effect up to this many epochs ago. */
  readonly keepEpochs: number;
  /** Keep this many superseded deployments below the one in effect. */
  readonly keepSuperseded: number;
  /** Instead of the two before: keep what was in effect at this epoch or later. */
  readonly before?: Epoch | undefined;
}

export interface RetentionFacts {
  readonly newest: Generation;
  /** The older ones that can be read. */
  readonly generations: readonly Generation[];
  readonly manifest: Manifest;
  readonly pins: Iterable<Pin>;
  readonly leases: readonly { readonly lease: Lease; readonly state: "alive" | "gone" | "foreign" }[];
  readonly epoch?: Epoch | undefined;
  readonly policy: RetentionPolicy;
}

export interface PrunePlan {
  /**
   * What the next generation states: those of the newest's installations that have a reason of their own. Where that is fewer, a
   * generation must be committed that takes the newest's place, also where nothing is removed yet: else what the newest only
   * carries along would be named, and so kept, by one generation after the other for ever.
   */
  readonly restate: readonly Installation[];
  /** What nothing keeps: to be removed from disk. */
  readonly remove: readonly Installation[];
  readonly keep: readonly { readonly installation: Installation; readonly keptBy: readonly KeptBy[] }[];
  /** Generations to retire, ascending: those beyond the horizon, and the newest of now where a commit takes its place. */
  readonly retire: readonly number[];
}

/** Every installation that a readable generation names is either kept, with all its reasons, or removed. Pure: law 5. */
export function planPrune(facts: RetentionFacts): PrunePlan {
  const { newest } = facts;
  const claims = collectClaims(facts);
  const reasons = new Map(
    newest.installations.map((one) => [
      keyOf(one),
      [...scheduleReasons(facts, one), ...(claims.get(keyOf(one)) ?? [])],
    ]),
  );
  const restate = newest.installations.filter((one) => (reasons.get(keyOf(one)) ?? []).length > 0);
  const isReplaced = restate.length < newest.installations.length;
  const { kept, beyond } = horizon(facts);
  const all = new Map(
    [...facts.generations, newest].flatMap((one) => one.installations).map((one) => [keyOf(one), one]),
  );
  const judged = [...all].map(([key, installation]) => ({
    installation,
    keptBy: [...(reasons.get(key) ?? claims.get(key) ?? []), ...generationReasons(kept, key)],
  }));
  return {
    restate,
    remove: judged.filter(({ keptBy }) => keptBy.length === 0).map(({ installation }) => installation),
    keep: judged.filter(({ keptBy }) => keptBy.length > 0),
    retire: [...beyond, ...(isReplaced ? [newest.number] : [])],
  };
}

const keyOf = (release: Pick<Installation, "engine" | "version">): string => `${release.engine}@${release.version}`;

/** Pins, and leases whose claimant is not known to be gone. */
function collectClaims({ pins, leases }: RetentionFacts): ReadonlyMap<string, readonly KeptBy[]> {
  const claims = new Map<string, KeptBy[]>();
  const add = (key: string, reason: KeptBy): void => {
    const reasons = claims.get(key);
    if (reasons === undefined) claims.set(key, [reason]);
    else reasons.push(reason);
  };
  for (const pin of pins) add(keyOf(pin), { kind: "pin", tenant: pin.tenant });
  for (const { lease, state } of leases) {
    if (state !== "gone") add(keyOf(lease), { kind: "lease", id: lease.id, pid: lease.pid, state });
  }
  return claims;
}

function scheduleReasons(facts: RetentionFacts, { engine, version }: Installation): readonly KeptBy[] {
  const { newest, manifest } = facts;
  const isSelected = Object.hasOwn(newest.selections, engine) && newest.selections[engine] === version;
  const deployments = Object.hasOwn(manifest.engines, engine) ? (manifest.engines[engine]?.deployments ?? []) : [];
  const deployment = deployments.find((one) => one.version === version);
  return [
    ...(isSelected ? [{ kind: "selected" } as const] : []),
    ...(deployment === undefined ? [] : deploymentReasons(deployments, deployment, facts)),
  ];
}

function deploymentReasons(
  deployments: readonly Deployment[],
  { version, validFrom }: Deployment,
  { epoch, policy }: Pick<RetentionFacts, "epoch" | "policy">,
): readonly KeptBy[] {
  if (epoch === undefined) return [{ kind: "deployment", validFrom, state: null }];
  if (validFrom > epoch) return [{ kind: "deployment", validFrom, state: "pending" }];
  if (inEffect(deployments, epoch)?.version === version) return [{ kind: "deployment", validFrom, state: "in-effect" }];
  const lastEpoch = (nextAfter(deployments, validFrom)?.validFrom ?? Number.POSITIVE_INFINITY) - 1;
  return isInWindow(deployments, validFrom, lastEpoch, epoch, policy) ? [{ kind: "window", validFrom, lastEpoch }] : [];
}

/** Whether the policy keeps a superseded deployment. */
function isInWindow(
  deployments: readonly Deployment[],
  validFrom: Epoch,
  lastEpoch: Epoch,
  epoch: Epoch,
  policy: RetentionPolicy,
): boolean {
  if (policy.before !== undefined) return lastEpoch >= policy.before;
  if (lastEpoch >= epoch - policy.keepEpochs) return true;
  // the one in effect is not counted
  const later = deployments.filter((one) => one.validFrom > validFrom && one.validFrom <= epoch).length - 1;
  return later < policy.keepSuperseded;
}

/** The generations to go back to, which keep what they name, and the numbers of those beyond, ascending. */
function horizon({ newest, generations, policy }: RetentionFacts): { kept: readonly Generation[]; beyond: number[] } {
  const older = generations.filter(({ number }) => number < newest.number).sort((a, b) => a.number - b.number);
  const cut = Math.max(older.length - (Math.max(policy.keepGenerations, 1) - 1), 0);
  return { kept: older.slice(cut), beyond: older.slice(0, cut).map(({ number }) => number) };
}

function generationReasons(kept: readonly Generation[], key: string): readonly KeptBy[] {
  return kept
    .filter(({ installations }) => installations.some((one) => keyOf(one) === key))
    .map(({ number }) => ({ kind: "generation", number }));
}
