import type { Lease } from "./model/home.ts";

export type LeaseState = "alive" | "gone" | "foreign";

/** What this host can tell of processes. */
export interface LeaseFacts {
  readonly machine?: string | undefined;
  readonly boot?: string | undefined;
  /** Every way in which a lease of this pid namespace may name it; empty where the OS has none. */
  readonly namespaces: readonly string[];
  /** Start time as in Lease.started; null: no such process; undefined: the OS does not tell. */
  readonly startedOf: (pid: number) => string | null | undefined;
}

/**
 * Whether the claimant of a lease still runs. `foreign`: it cannot be told from here (another machine or pid namespace, or
 * the lease is incomplete), so the lease is kept.
 */
export function leaseState(lease: Lease, facts: LeaseFacts): LeaseState {
  const boot = sameness(lease.boot, facts.boot);
  const machine = sameness(lease.machine, facts.machine);
  if (machine === "other") return "foreign";
  if (boot === "other") return machine === "same" ? "gone" : "foreign";
  // a boot id is never given twice, so the same boot is the same machine
  if (boot === "unknown" && machine === "unknown") return "foreign";
  if (!isOfThisNamespace(lease, facts)) return "foreign";
  if (!Number.isSafeInteger(lease.pid) || lease.pid < 1) return "foreign";
  const started = facts.startedOf(lease.pid);
  if (started === null) return "gone";
  return started === undefined || lease.started === undefined || lease.started === started ? "alive" : "gone";
}

function sameness(claimed: string | undefined, here: string | undefined): "same" | "other" | "unknown" {
  if (claimed === undefined || here === undefined) return "unknown";
  return claimed === here ? "same" : "other";
}

function isOfThisNamespace(lease: Lease, facts: LeaseFacts): boolean {
  if (lease.namespace === undefined) return facts.namespaces.length === 0;
  return facts.namespaces.includes(lease.namespace);
}
