import { type Fetcher as TufFetcher, Updater, type UpdaterOptions } from "tuf-js";
import { DownloadHTTPError } from "tuf-js/dist/error.js";
import { EngineryError, isEngineryError } from "../../core/errors.ts";
import { type CheckedMetadata, METADATA_ROLES, type MetadataRole } from "../../core/metadata-rules.ts";
import type { TrustSet } from "../../ports/trust.ts";
import { type Download, downloadMetadata } from "./download.ts";
import { parseServedName } from "./metadata-reader.ts";
import { checkRootStep } from "./set-check.ts";
import { type Refusal, translate } from "./translate.ts";

/** A client that was away may walk this many versions of the root at once. */
export const MAX_ROOT_STEPS = 256;

const METADATA_BASE = "https://metadata.invalid/";

/**
 * The client workflow of TUF 1.0 (section 5.3 to 5.6) by tuf-js, in memory: nothing of `known` is touched, nothing is written to
 * any disk. `now` in milliseconds since 1970 is its only clock. Answers the new set, not read back yet.
 * Errors: `trust-*`, `hash-mismatch`, `length-mismatch`, and those of Fetcher.
 */
export async function runProtocol(download: Download, known: TrustSet, now: number): Promise<Map<string, Uint8Array>> {
  const { believed, refresh } = openProtocol(download, { known }, now);
  await refresh();
  return believed;
}

export interface Beliefs {
  /** Top-level metadata. */
  readonly known: TrustSet;
  /** Metadata of a delegated role, read before; undefined for what was not. */
  readonly delegated?: (role: string) => Uint8Array | undefined;
}

/** One client at work. What a step took stays believed when a later one refuses: TUF writes down each. */
export interface Protocol {
  /** Top-level metadata so far. */
  readonly believed: Map<string, Uint8Array>;
  /** What was taken by this client of delegated roles, by their names. */
  readonly delegated: ReadonlyMap<string, Uint8Array>;
  /** Once, and first. Errors: as `runProtocol`. */
  refresh(): Promise<void>;
  /** What the targets, or those they delegate to, sign for under `path`. Errors: as `runProtocol`. */
  find(path: string): Promise<FoundFile | undefined>;
}

export interface FoundFile {
  /** Bytes. */
  readonly length: number;
  /** By algorithm, in hex. */
  readonly hashes: Readonly<Record<string, string>>;
}

/** As `runProtocol`, step by step. Errors: `trust-root`, `trust-format` where there is no root to begin with. */
export function openProtocol(download: Download, { known, delegated }: Beliefs, now: number): Protocol {
  const store: Store = { set: new Map(known), delegated: new Map(), before: delegated ?? (() => undefined) };
  const { set } = store;
  keep(download, store, "root", rootOf(set));
  const oldest = download.read("root", rootOf(set), "root.json").version;
  let refusal: Refusal | undefined;
  const note: Note = (next) => {
    refusal = next;
  };
  const updater = inMemory(download, store, async (name) => {
    note(undefined);
    try {
      return await fetchMetadata(download, set, oldest, name);
    } catch (error) {
      note({ error: ours(error, name), role: parseServedName(name)?.role ?? "root", now });
      throw isEngineryError(error, "missing") ? new DownloadHTTPError(error.message, 404) : error;
    }
  });
  // the store's clock starts with the machine's: from here on it is the caller's
  updater.trustedSet.referenceTime = new Date(now);
  watch(updater.trustedSet, download, now, note);
  const step = async <T>(take: () => Promise<T>): Promise<T> => {
    note(undefined);
    try {
      return await take();
    } catch (error) {
      throw translate(refusal ?? { error, role: "root", now });
    }
  };
  return {
    believed: set,
    delegated: store.delegated,
    refresh: () => step(() => updater.refresh()),
    find: (path) => step(() => updater.getTargetInfo(path)),
  };
}

interface Store {
  readonly set: Map<string, Uint8Array>;
  /** Apart, since a delegated role may be called `1.root`. */
  readonly delegated: Map<string, Uint8Array>;
  readonly before: Required<Beliefs>["delegated"];
}

function keep({ read }: Download, { set, delegated }: Store, role: string, bytes: Uint8Array): void {
  if (!isTopLevel(role)) {
    delegated.set(role, bytes);
    return;
  }
  set.set(`${role}.json`, bytes);
  if (role === "root") set.set(`${read("root", bytes, "root.json").version}.root.json`, bytes);
}

function isTopLevel(role: string): boolean {
  return (METADATA_ROLES as readonly string[]).includes(role);
}

/** Fetchers throw our errors; anything else is a bug and says nothing about the repository. */
function ours(error: unknown, name: string): EngineryError {
  if (isEngineryError(error)) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new EngineryError("internal", `The download of ${name} failed: ${said}.`, { cause: error });
}

/** Downloads, with the strict checks before tuf-js sees a byte. */
async function fetchMetadata(download: Download, set: TrustSet, oldest: number, name: string): Promise<Uint8Array> {
  const { bytes, checked } = await downloadMetadata(download, name);
  if (checked.role !== "root") return bytes;
  if (checked.version - oldest > MAX_ROOT_STEPS) {
    throw new EngineryError(
      "trust-root",
      `The root was changed more than ${MAX_ROOT_STEPS} times since version ${oldest}.`,
      {
        hint: "Begin with a newer root of the publisher's.",
        context: { oldest, offered: checked.version },
      },
    );
  }
  checkRootStep(rootOf(set), bytes, name);
  return bytes;
}

function rootOf(set: TrustSet): Uint8Array {
  const bytes = set.get("root.json");
  if (bytes === undefined) throw new EngineryError("trust-root", "The trust set has no root.json.");
  return bytes;
}

type Note = (refusal: Refusal | undefined) => void;

/** What we rely on of tuf-js 6.0.2 beyond its types. A test fails where another version does it otherwise. */
interface InsideUpdater {
  readonly trustedSet: TrustedSet;
  refresh(): Promise<void>;
  getTargetInfo(path: string): Promise<FoundFile | undefined>;
}

interface TrustedSet {
  referenceTime: Date;
  readonly root: Trusted;
  readonly timestamp: Trusted | undefined;
  readonly snapshot: Trusted | undefined;
  readonly targets: Trusted | undefined;
  updateRoot(bytes: Buffer): unknown;
  updateTimestamp(bytes: Buffer): unknown;
  updateSnapshot(bytes: Buffer, trusted?: boolean): unknown;
  updateDelegatedTargets(bytes: Buffer, role: string, parent: string): unknown;
}

interface Trusted {
  readonly signed: { readonly version: number; readonly expires: string };
}

type Fetch = (name: string) => Promise<Uint8Array>;

/** tuf-js keeps its metadata in `set`. A kill while it writes to a folder, or a full disk, would wedge it for good. */
function inMemory(download: Download, store: Store, fetch: Fetch): InsideUpdater {
  const Base = Updater as unknown as new (options: UpdaterOptions) => InsideUpdater;
  class InMemory extends Base {
    loadLocalMetadata(role: string): Buffer {
      const bytes = isTopLevel(role)
        ? store.set.get(`${role}.json`)
        : (store.delegated.get(role) ?? store.before(role));
      if (bytes === undefined) throw new Error(`no ${role} is known`);
      return Buffer.from(bytes);
    }

    persistMetadata(role: string, bytes: Uint8Array): void {
      keep(download, store, role, bytes);
    }
  }
  const fetcher: TufFetcher = {
    // sizes are our own limits'; that one is exactly the signed length, tuf-js checks by itself
    downloadBytes: async (url) => Buffer.from(await fetch(url.slice(METADATA_BASE.length))),
    downloadFile: () => Promise.reject(new EngineryError("internal", "The TUF library was to download a file itself.")),
  };
  return new InMemory({
    // no file system takes this: whatever tuf-js would do on a disk fails
    metadataDir: "\0",
    metadataBaseUrl: METADATA_BASE,
    fetcher,
    config: { maxRootRotations: MAX_ROOT_STEPS + 1 },
  });
}

/** Wraps the steps that believe bytes, to know at which one and why tuf-js refused: it wraps errors in texts. */
function watch(trusted: TrustedSet, { read }: Download, now: number, note: Note): void {
  const step = <Rest extends readonly unknown[]>(
    role: MetadataRole,
    believe: (bytes: Buffer, ...rest: Rest) => unknown,
  ) => {
    return (bytes: Buffer, ...rest: Rest): unknown => {
      note(undefined);
      const offered = read(role, bytes, `${role}.json`);
      const seen = trusted[role]?.signed.version;
      try {
        return believe.call(trusted, bytes, ...rest);
      } catch (error) {
        note({ error, role, offered, seen, expired: firstExpired(trusted, offered, now), now });
        throw error;
      }
    };
  };
  trusted.updateRoot = step("root", trusted.updateRoot);
  trusted.updateTimestamp = step("timestamp", trusted.updateTimestamp);
  trusted.updateSnapshot = step("snapshot", trusted.updateSnapshot);
  trusted.updateDelegatedTargets = step("targets", trusted.updateDelegatedTargets);
}

function firstExpired(trusted: TrustedSet, offered: CheckedMetadata, now: number): Refusal["expired"] {
  for (const role of METADATA_ROLES) {
    const expires = trusted[role]?.signed.expires ?? (role === offered.role ? offered.expires : undefined);
    if (expires !== undefined && now >= Date.parse(expires)) return { role, expires };
  }
  return undefined;
}
