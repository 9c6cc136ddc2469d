import type { Lease, LedgerEntry } from "./model/home.ts";
import type { Epoch, Sha256, Version } from "./model/manifest.ts";

/** Work that ran here, or was about to, by what is on record. */
export interface Work {
  /** When it began; of several runs the first. ISO 8601, UTC. */
  readonly at: string;
  readonly engine: string;
  readonly version: Version;
  /** The tree that lay under that version; absent in old lines. */
  readonly tree?: Sha256;
  /** Absent where the answer did not hang on it, or it was not known. */
  readonly epoch?: Epoch;
  readonly tenant?: string;
  /** Absent where a lease alone tells. */
  readonly because?: string;
  /** `exec`; `lease`: a host through the library; `ran`: a launcher or another host, told by the lease that it left. */
  readonly by: "exec" | "lease" | "ran";
  /** How many runs this one line tells of; 1 where absent. */
  readonly runs?: number;
  /** When the last of several began. */
  readonly until?: string;
  /** Id of the lease it ran under. */
  readonly lease?: string;
}

/** The verb under which `prune` keeps what ended leases tell. */
export const RAN_VERB = "ran";

/** What a line of the ledger tells of work; none for most verbs. What is not of its kind in a row counts for nothing. */
export function workIn({ verb, at, detail }: LedgerEntry): readonly Work[] {
  if (verb === "exec" || verb === "lease") return workOf(detail, at, verb);
  if (verb !== RAN_VERB) return [];
  const rows: unknown = detail?.["ran"];
  return Array.isArray(rows) ? rows.flatMap((row: unknown) => workOf(row, at, "ran")) : [];
}

function workOf(row: unknown, told: string, by: Work["by"]): Work[] {
  if (typeof row !== "object" || row === null) return [];
  const { engine, version, tree, epoch, tenant, because, at, until, runs, lease } = row as Record<string, unknown>;
  if (typeof engine !== "string" || typeof version !== "string") return [];
  return [
    {
      at: typeof at === "string" ? at : told,
      engine,
      version,
      ...(typeof tree === "string" ? { tree } : {}),
      ...(typeof epoch === "number" ? { epoch } : {}),
      ...(typeof tenant === "string" ? { tenant } : {}),
      ...(typeof because === "string" ? { because } : {}),
      by,
      ...(typeof runs === "number" ? { runs } : {}),
      ...(typeof until === "string" ? { until } : {}),
      ...(typeof lease === "string" ? { lease } : {}),
    },
  ];
}

/**
 * Whether a lease tells of work, and not of an operation that held a release while it was at it: it names an epoch or a tenant, or
 * is of a launcher's form (docs/LAYOUT.md, "Leases").
 */
export function isOfWork({ id, epoch, tenant }: Pick<Lease, "id" | "epoch" | "tenant">): boolean {
  return epoch !== undefined || tenant !== undefined || /\.\d+-[^-.]+-[^-.]+$/.test(id);
}

export interface LeaseWork {
  readonly lease: Lease;
  /** When it was written, milliseconds since 1970; undefined where that cannot be told. */
  readonly writtenMs: number | undefined;
  readonly tree: Sha256 | undefined;
}

/** What leases tell, a row for each release, epoch and tenant: launchers are started often. `now`: where none says when. */
export function workOfLeases(leases: readonly LeaseWork[], now: string): readonly Work[] {
  const rows = new Map<string, Work>();
  const timed = leases.map((one) => ({ ...one, at: one.writtenMs === undefined ? now : instant(one.writtenMs) }));
  for (const { lease, tree, at } of timed.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    const { engine, version, epoch, tenant } = lease;
    const key = [engine, version, epoch ?? "", tenant ?? ""].join("\0");
    const known = rows.get(key);
    const runs = (known?.runs ?? 0) + 1;
    rows.set(key, {
      at: known?.at ?? at,
      engine,
      version,
      ...(tree === undefined ? {} : { tree }),
      ...(epoch === undefined ? {} : { epoch }),
      ...(tenant === undefined ? {} : { tenant }),
      by: "ran",
      runs,
      ...(runs === 1 ? {} : { until: at }),
    });
  }
  return [...rows.values()];
}

function instant(milliseconds: number): string {
  return new Date(Math.floor(milliseconds)).toISOString();
}
