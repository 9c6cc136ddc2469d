/** The channel's signed document: releases and schedule (docs/GLOSSARY.md). Shapes only; `parseManifest` makes one. */

/** 64 lower-case hex digits. */
export type Sha256 = string;
/** A whole number from 0: the schedule's clock reading, whatever the network calls it. */
export type Epoch = number;
/** Exact semver without build metadata. */
export type Version = string;
/** `linux-x64`, `linux-x64-musl`, `darwin-arm64`, `win32-x64`, `any`. */
export type Platform = string;

export interface Manifest {
  readonly format: 1;
  readonly channel: string;
  /** Rises by at least one with every manifest of the channel; a client never accepts a lower one. */
  readonly serial: number;
  /** sha256 of the bytes of the manifest before; null for the first. */
  readonly previous: Sha256 | null;
  /** The publisher's epoch when this was signed: its transition rules are checked at it. Null where it was unknown. */
  readonly publishedEpoch: Epoch | null;
  /** What the network calls an epoch: `epoch`, `session`, `height`. */
  readonly unit: string;
  readonly engines: Readonly<Record<string, Engine>>;
}

export interface Engine {
  readonly rules: Rules;
  /** How much history operators need; absent: the publisher does not say. */
  readonly retention?: Retention;
  /** In no particular order. Empty: an engine that never had a schedule, chosen with `use`. */
  readonly deployments: readonly Deployment[];
  readonly releases: Readonly<Record<Version, Release>>;
}

export interface Rules {
  /** Most deployments with validFrom > epoch; null: no limit. */
  readonly maxFuture: number | null;
  readonly maxDeployments: number | null;
  readonly alterPending: "allow" | "deny";
}

/** The least that an operator keeps. */
export interface Retention {
  /** Work may be replayed or disputed this many epochs back. */
  readonly keepEpochs?: number;
  /** So many superseded releases below the one in effect. */
  readonly keepSuperseded?: number;
}

export interface Deployment {
  readonly version: Version;
  readonly validFrom: Epoch;
}

export interface Release {
  readonly platforms: Readonly<Record<Platform, PlatformRelease>>;
  /** The publisher's reason, where the release was withdrawn. */
  readonly withdrawn?: string;
}

export interface PlatformRelease {
  readonly archive: ArchiveReference;
  readonly pieces: DocumentReference;
  readonly tree: TreeReference;
  readonly entries: Readonly<Record<string, EntryPoint>>;
  /** Ways to this release from others that may be installed; the archive serves wherever none of them does. */
  readonly deltas?: readonly DeltaReference[];
}

/** `deltas/<sha256>`: what a release has and the one before had not. */
export interface DeltaReference {
  /** Tree digest of the release that it builds upon. */
  readonly from: Sha256;
  readonly sha256: Sha256;
  readonly bytes: number;
}

export interface ArchiveReference {
  readonly sha256: Sha256;
  /** Size of the archive as served. */
  readonly bytes: number;
  readonly format: "tar.zst" | "tar.gz";
  /** Folder within the archive that the tree begins at, with a trailing slash; empty: the archive's own top. */
  readonly root: string;
  /** `npm:NAME@VERSION` where the archive stays in the npm registry; absent: `archives/<sha256>.<format>`. */
  readonly source?: string;
}

/** A document served as `.json.zst` under the sha256 of its served bytes. */
export interface DocumentReference {
  readonly sha256: Sha256;
  readonly bytes: number;
}

export interface TreeReference extends DocumentReference {
  /** The release's identity: sha256 of the canonical JSON of the tree. */
  readonly digest: Sha256;
  readonly files: number;
  /** Sum of the sizes of all files. */
  readonly unpackedBytes: number;
}

export interface EntryPoint {
  /** Path within the tree. */
  readonly path: string;
  readonly kind: "executable" | "library";
  readonly probe?: Probe;
  /** What must hold each time before this entry point is started; absent: nothing beyond the seal. */
  readonly guard?: Guard;
}

/** Whoever starts a guarded entry point checks all of it first, or does not start it. */
export interface Guard {
  /** `tree`: every file of the installation is as it was signed, and nothing lies beside them. */
  readonly files?: "tree";
  readonly inputs?: readonly InputRule[];
  /** Names of what a newer Enginery would check, and this one cannot. */
  readonly unknown?: readonly string[];
}

/** What a file must hold whose path is given as an argument. All rules of one option must hold. */
export interface InputRule {
  /** The option that the path follows: `-r FILE`; `--snapshot=FILE` counts for `--snapshot`. */
  readonly after: string;
  /** Of the first byte, from the file's beginning. */
  readonly offset: number;
  /** One of these stands there; lower-case hex. */
  readonly bytes: readonly string[];
}

/** How an entry point proves on this host that it is what it is called. */
export interface Probe {
  readonly args: readonly string[];
  /** A regular expression (no flags) that stdout and stderr together, less white space at their end, must match. */
  readonly expect: string;
  /** Of a library: the executable entry point of the same release that loads it. It gets the library's path behind `args`. */
  readonly with?: string;
}
