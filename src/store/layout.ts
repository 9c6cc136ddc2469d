/** The only file that knows the managed tree; docs/LAYOUT.md is its contract for other languages. */
import type { Sha256, Version } from "../core/model/manifest.ts";

/** What VERSION says. */
export const LAYOUT_NUMBER = 1;
/** The same, but that leases lie where LEASES says: who knows only the other must neither claim nor prune. */
export const LAYOUT_LEASES_OUTSIDE = 2;

export const FOLDER_MODE = 0o755;
export const RECORD_MODE = 0o644;
export const SEALED_MODE = 0o444;
export const EXECUTABLE_MODE = 0o555;
export const SEAL_NAME = "SEAL.json";
/** What the writer lock makes in the home's folder: alone they are no home, and nothing of somebody else's. */
export const LOCK_NAMES: readonly string[] = [".writer-holder", ".writer"];
/** In staging/<operation>/: the process that works there. */
export const OWNER_NAME = "owner.json";

/** Made by createHome, in this order. */
const FOLDERS = [
  "staging",
  "trust",
  "manifests",
  "trees",
  "generations",
  "engines",
  "pins",
  "leases",
  "marks",
  "clock",
  "quarantine",
  "cache",
  "cache/partial",
  "cache/documents",
  "index",
  "bin",
  "lib",
] as const;

/** `cache/room` is made when there is room for it. */
export type Folder = (typeof FOLDERS)[number] | "cache/room";

export interface Layout {
  /** Absolute, without a trailing slash. */
  readonly home: string;
  readonly folders: readonly string[];
  folder(name: Folder): string;
  readonly version: string;
  /** There while a home is being made: tells a half-made home from a foreign folder. */
  readonly creating: string;
  readonly config: string;
  /** Says where leases lie that do not lie in the home. */
  readonly leasesPlace: string;
  damagedConfig(operation: string): string;
  readonly observed: string;
  readonly watcher: string;
  readonly toldAlarms: string;
  readonly ledger: string;
  readonly hold: string;
  generation(number: number): string;
  damagedGeneration(number: number, operation: string): string;
  /** On disks without hard links: the folder whose making claims a number. */
  generationClaim(number: number): string;
  manifest(sha256: Sha256): string;
  tree(digest: Sha256): string;
  trustSet(number: number): string;
  damagedTrustSet(number: number, operation: string): string;
  pinShard(hash: Sha256): string;
  pin(hash: Sha256): string;
  /** Without a folder: that of the home. */
  lease(id: string, folder?: string): string;
  /** In a folder of leases outside the home, where staging/ is another disk: no reader takes it for a lease. */
  temporaryLease(folder: string, operation: string): string;
  mark(engine: string, version: Version): string;
  quarantine(tree: Sha256): string;
  engine(engine: string): string;
  installation(engine: string, version: Version): string;
  operation(operation: string): string;
  operationOwner(operation: string): string;
  stage(operation: string, engine: string, version: Version): string;
  temporary(operation: string): string;
  trash(operation: string): string;
  partial(archive: Sha256): string;
  document(sha256: Sha256): string;
  index(number: number, operation: string): string;
}

/** Paths of the home at `home`. */
export function layoutOf(home: string): Layout {
  const at = (...names: readonly string[]) => [home, ...names].join("/");
  return {
    home,
    folders: FOLDERS.map((name) => at(name)),
    folder: (name) => at(name),
    version: at("VERSION"),
    creating: at("CREATING"),
    config: at("config.json"),
    leasesPlace: at("LEASES"),
    damagedConfig: (operation) => at(`config.damaged-${operation}.json`),
    observed: at("clock", "observed.json"),
    watcher: at("clock", "watcher.json"),
    toldAlarms: at("clock", "alarms.json"),
    ledger: at("ledger.jsonl"),
    hold: at("hold.json"),
    generation: (number) => at("generations", `${numberName(number)}.json`),
    damagedGeneration: (number, operation) => at("generations", `${numberName(number)}.damaged-${operation}`),
    generationClaim: (number) => at("generations", `${numberName(number)}.claim`),
    manifest: (sha256) => at("manifests", `${sha256}.json`),
    tree: (digest) => at("trees", `${digest}.json`),
    trustSet: (number) => at("trust", numberName(number)),
    damagedTrustSet: (number, operation) => at("trust", `${numberName(number)}.damaged-${operation}`),
    pinShard: (hash) => at("pins", hash.slice(0, 2)),
    pin: (hash) => at("pins", hash.slice(0, 2), `${hash}.json`),
    lease: (id, folder = at("leases")) => `${folder}/${id}.json`,
    temporaryLease: (folder, operation) => `${folder}/.${operation}`,
    mark: (engine, version) => at("marks", `${engine}@${version}`),
    quarantine: (tree) => at("quarantine", `${tree}.json`),
    engine: (engine) => at("engines", engine),
    installation: (engine, version) => at("engines", engine, version),
    operation: (operation) => at("staging", operation),
    operationOwner: (operation) => at("staging", operation, OWNER_NAME),
    stage: (operation, engine, version) => at("staging", operation, `${engine}@${version}`),
    temporary: (operation) => at("staging", `tmp-${operation}`),
    trash: (operation) => at("staging", `trash-${operation}`),
    partial: (archive) => at("cache", "partial", archive),
    document: (sha256) => at("cache", "documents", sha256),
    index: (number, operation) => at("index", `${numberName(number)}.${operation}`),
  };
}

/** Eight digits, more where they are needed. */
export function numberName(number: number): string {
  return String(number).padStart(8, "0");
}

/** The number that a name begins with, up to `suffix`; undefined for other names. */
export function numberOf(name: string, suffix: string): number | undefined {
  const digits = name.endsWith(suffix) ? name.slice(0, name.length - suffix.length) : "";
  return /^\d{8,15}$/.test(digits) ? Number(digits) : undefined;
}

/** The folder that holds the name. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}
