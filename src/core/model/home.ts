/** The records of the managed tree (docs/LAYOUT.md), as the codecs of store/ read and write them. */
import type { AlarmKind } from "../watch/kinds.ts";
import type { EntryPoint, Epoch, Platform, Sha256, Version } from "./manifest.ts";

/** Numbered immutable statement of what is installed, from which manifest, and what is selected. */
export interface Generation {
  readonly format: 1;
  readonly number: number;
  /** The operation that committed it: tells a lost answer from a lost race. */
  readonly operation: string;
  readonly cause: "install" | "upgrade" | "rollback" | "prune" | "use" | "repair";
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly channel: string;
  /** Number of the trust set that this generation's manifest was believed under. */
  readonly trustSet: number;
  readonly manifest: { readonly serial: number; readonly sha256: Sha256 };
  /** Sorted by engine, then version. */
  readonly installations: readonly Installation[];
  /** Engine to version, for engines without a schedule (`use`). */
  readonly selections: Readonly<Record<string, Version>>;
  /** After a rollback: the generation restated, and the serial at which `upgrade` holds still. */
  readonly restores?: number;
  readonly holdsSerial?: number;
  /** Epochs changed by a manifest after they had begun here. */
  readonly late?: readonly LateChange[];
  /** What the operator said when a rule was overridden: `accept-late`, `allow-expired`, `force`. */
  readonly reasons?: Readonly<Record<string, string>>;
  /** The ledger's open lines just before the commit: who cuts them off is found out. */
  readonly ledger?: readonly Sha256[];
}

export interface Installation {
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  /** Tree digest. */
  readonly tree: Sha256;
  /** Sum of the sizes of all files. */
  readonly bytes: number;
  readonly files: number;
  readonly entries: Readonly<Record<string, EntryPoint>>;
}

export interface LateChange {
  readonly engine: string;
  readonly version: Version;
  readonly validFrom: Epoch;
  readonly change: "added" | "altered" | "removed";
}

/** `SEAL.json` in an installation, written when all else of it is on disk. */
export interface Seal {
  readonly format: 1;
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  readonly tree: Sha256;
  readonly bytes: number;
  readonly files: number;
}

/** A durable statement: this tenant uses exactly this release. */
export interface Pin {
  readonly format: 1;
  readonly tenant: string;
  readonly engine: string;
  readonly version: Version;
  readonly tree: Sha256;
  readonly at: string;
}

/** A running process's claim on an installation. */
export interface Lease {
  readonly format: 1;
  readonly id: string;
  readonly engine: string;
  readonly version: Version;
  readonly pid: number;
  /** Start time of the process in the kernel's own unit, as text; absent where the OS does not tell. */
  readonly started?: string;
  readonly boot?: string;
  readonly machine?: string;
  /** `pid:INODE` of the pid namespace, or `dev:MAJOR:MINOR` of the /proc mount where a shell on an old kernel wrote the lease. */
  readonly namespace?: string;
  readonly tenant?: string;
  readonly epoch?: Epoch;
}

/** What prune is about to remove, and who is at it. */
export interface Mark {
  readonly format: 1;
  readonly engine: string;
  readonly version: Version;
  readonly operation: string;
  readonly owner: Pick<Lease, "pid" | "started" | "boot" | "machine" | "namespace">;
}

export interface Observation {
  readonly format: 1;
  readonly epoch: Epoch;
  readonly at: string;
  /** `observe`, or the epoch source's name. */
  readonly from: string;
  /** The ledger's open lines then, as in a generation. */
  readonly ledger?: readonly Sha256[];
}

/** A release known bad on this host. */
export interface Quarantine {
  readonly format: 1;
  readonly tree: Sha256;
  readonly engine: string;
  readonly version: Version;
  readonly reason: string;
  readonly at: string;
  /** What this host was like that lacked something: the record counts only as long as it is the same. */
  readonly host?: Sha256;
}

/** The process that follows the network with `watch`. */
export interface Watcher {
  readonly format: 1;
  readonly operation: string;
  readonly at: string;
  readonly owner: Mark["owner"];
}

/** What the last `watch --once` left firing: the next one tells it again only where there is reason to. */
export interface ToldAlarms {
  readonly format: 1;
  readonly at: string;
  readonly alarms: readonly ToldAlarm[];
}

export interface ToldAlarm {
  readonly kind: AlarmKind;
  readonly engine?: string;
  readonly version?: Version;
  readonly subject?: string;
  readonly message: string;
  readonly mend: string;
  /** When it began, and when it was last told; ISO 8601, UTC. */
  readonly since: string;
  readonly toldAt: string;
  /** How often, and with how many epochs left the last time. */
  readonly told: number;
  readonly toldLeft?: number;
}

/** An operator's word that automatic upgrades stop. Neither end given: until `unhold`. */
export interface Hold {
  readonly format: 1;
  readonly at: string;
  /** ISO 8601, UTC: over from then on. */
  readonly until?: string;
  /** Over as soon as this epoch has been seen. */
  readonly untilEpoch?: Epoch;
  readonly reason?: string;
}

/** One line of ledger.jsonl. */
export interface LedgerEntry {
  readonly at: string;
  readonly operation: string;
  readonly verb: string;
  /** Generation before and after, where the verb changes it. */
  readonly from?: number;
  readonly to?: number;
  /** The newest one, where the verb changes none. */
  readonly generation?: number;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** sha256 of the line before; null in the first of a home; absent where an older Enginery wrote the line (core/ledger-chain.ts). */
  readonly previous?: Sha256 | null;
  /** Further lines before it that no line named yet, in the order of the file. */
  readonly also?: readonly Sha256[];
}

export interface Config {
  readonly format: 1;
  /** Repository base: `https:`, loopback `http:`, or an absolute folder. */
  readonly repository: string;
  readonly channel: string;
  readonly mirrors?: readonly string[];
  /** Keep this many generations, the newest included. */
  readonly keepGenerations?: number;
  /** Keep what was in effect up to this many epochs ago. */
  readonly keepEpochs?: number;
  /** Keep this many superseded releases below the one in effect. */
  readonly keepSuperseded?: number;
  /** Keep what ran here last before the one in effect. Default: true. In the file these four stand in `retention`. */
  readonly keepLastKnownGood?: boolean;
  /** An observation older than this many seconds counts as unknown. */
  readonly epochMaxAge?: number;
  /** Bytes to leave free beyond what an operation needs. */
  readonly reserveBytes?: number;
  /** Stage releases whose validFrom lies at most this many epochs ahead; absent: all. */
  readonly leadEpochs?: number;
  /** Where the network's epoch is read, as `parseEpochSource` reads them. */
  readonly epochSources?: readonly string[];
  /** How many of them must agree; absent: more than half. */
  readonly epochQuorum?: number;
  /** How long one reading may take. */
  readonly epochTimeoutSeconds?: number;
  /** An epoch further ahead than this of the one seen before is refused. */
  readonly epochMaxStep?: number;
  readonly allowHttp?: boolean;
  readonly platform?: Platform;
  /** Whether what is installed is made use of, and deltas; absent: yes. */
  readonly deltas?: boolean;
  /** Seconds between two readings of the epoch sources. */
  readonly watchInterval?: number;
  /** Seconds between two looks at what the publisher has. */
  readonly watchCheckEvery?: number;
  /** `watch` proves the next release so many epochs ahead, and raises its alarms from there on. */
  readonly watchLeadEpochs?: number;
  /** As `watchLeadEpochs`, in seconds; the longer of the two counts. */
  readonly watchLeadTime?: number;
  /** Whether `watch` prunes after its upgrades. */
  readonly watchPrune?: boolean;
  /** Where `watch` serves metrics: `127.0.0.1:PORT` or `unix:/PATH`. */
  readonly watchMetrics?: string;
  /** Alarms are posted there, as JSON. */
  readonly alarmWebhook?: string;
  /** Program and arguments, run for each alarm. */
  readonly alarmCommand?: readonly string[];
  /** Kinds of alarms that end `watch` with exit status 10; `any`: all of them. */
  readonly alarmExit?: readonly string[];
}
