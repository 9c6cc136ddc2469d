import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EngineryError } from "../../core/errors.ts";
import { below, redacted } from "../../core/location.ts";
import type { MetadataPolicy } from "../../core/metadata-policy.ts";
import type { Digester } from "../../ports/digest.ts";
import type { Fetcher } from "../../ports/fetcher.ts";
import { collect, type Download } from "./download.ts";
import { beginFromBytes } from "./first-root.ts";
import { tufKeyIdentity } from "./key-identity.ts";
import { metadataFolder, readIfThere, replaceFile } from "./metadata-folder.ts";
import { createMetadataReader } from "./metadata-reader.ts";
import { type FoundFile, openProtocol, type Protocol } from "./protocol.ts";
import { checkSet } from "./set-check.ts";

/** All that TUF 1.0 allows. No operator gets this. */
export const SPECIFICATION_POLICY: MetadataPolicy = {
  plainSnapshots: true,
  delegations: true,
  sparseHashes: true,
  unmeetableThresholds: true,
  otherKeys: tufKeyIdentity,
};

export interface ConformanceClient {
  /** Believes the root in the file at `path`. Asks the repository nothing. Errors: `trust-root`. */
  init(path: string): void;
  /** Errors: `trust-*`, `hash-mismatch`, `length-mismatch`, and those of Fetcher. What was taken before one stays taken. */
  refresh(metadataUrl: string): Promise<void>;
  /** A refresh, then each file in order, unless it is there already. Errors: as `refresh`; `missing` for what nobody signed. */
  download(metadataUrl: string, targets: WantedTargets): Promise<void>;
}

export interface WantedTargets {
  readonly names: readonly string[];
  readonly baseUrl: string;
  /** Folder. A file's name there is its path in TUF, percent-encoded. */
  readonly folder: string;
}

export interface ConformanceSettings {
  readonly fetcher: Fetcher;
  readonly digester: Digester;
  /** Folder. */
  readonly metadata: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The reader, the protocol and the checks that operators' trust is made of, as a client of any TUF repository. */
export function createConformanceClient(settings: ConformanceSettings): ConformanceClient {
  const { fetcher, digester, now } = settings;
  const read = createMetadataReader(digester, SPECIFICATION_POLICY);
  const folder = metadataFolder(settings.metadata, digester);

  async function refreshed(metadataUrl: string): Promise<Protocol> {
    const metadataAt = (name: string) => below(metadataUrl, name);
    const download: Download = { fetcher, base: metadataUrl, metadataAt, read, digester };
    const protocol = openProtocol(download, folder.read(), now);
    try {
      await protocol.refresh();
    } catch (error) {
      // steps that were taken before are sound by themselves, and are what an attack is told by next time
      folder.write(protocol.believed, protocol.delegated);
      throw error;
    }
    const [problem] = checkSet({ read, digester }, protocol.believed);
    if (problem !== undefined) throw new EngineryError(problem.code, problem.message);
    folder.write(protocol.believed, protocol.delegated);
    return protocol;
  }

  async function find(protocol: Protocol, name: string): Promise<FoundFile> {
    try {
      // `constructor` and its like would be found where nothing was signed
      const found = name in {} ? undefined : await protocol.find(name);
      if (found !== undefined) return found;
    } finally {
      folder.write(protocol.believed, protocol.delegated);
    }
    throw new EngineryError("missing", `Nobody who is trusted signed a file ${name}.`);
  }

  return {
    init(path) {
      folder.write(beginFromBytes(read, readFileSync(path)), new Map());
    },
    async refresh(metadataUrl) {
      await refreshed(metadataUrl);
    },
    async download(metadataUrl, { names, baseUrl, folder }) {
      const protocol = await refreshed(metadataUrl);
      for (const name of names) {
        const found = await find(protocol, name);
        const path = join(folder, encodeURIComponent(name));
        const kept = readIfThere(path);
        if (kept !== undefined && isWhole(kept, found)) continue;
        const location = below(baseUrl, servedName(name, found, isConsistent(protocol)));
        replaceFile(path, await downloadFile(fetcher, location, found));
      }
    },
  };
}

function isConsistent({ believed }: Protocol): boolean {
  const root = JSON.parse(Buffer.from(believed.get("root.json") ?? "{}").toString("utf8"));
  return root.signed.consistent_snapshot === true;
}

/** With consistent snapshots, a file is served under its hash (TUF 1.0, 6.2). */
function servedName(name: string, { hashes }: FoundFile, consistent: boolean): string {
  if (!consistent) return name;
  const parts = name.split("/");
  return [...parts.slice(0, -1), `${hashes["sha256"] ?? hashes["sha512"]}.${parts.at(-1)}`].join("/");
}

async function downloadFile(fetcher: Fetcher, location: string, found: FoundFile): Promise<Uint8Array> {
  const where = redacted(location);
  const wrongLength = new EngineryError(
    "length-mismatch",
    `${where} is not the ${found.length} bytes that were signed.`,
  );
  const bytes = await collect(fetcher, location, found.length, wrongLength);
  if (bytes.length !== found.length) throw wrongLength;
  if (!isWhole(bytes, found)) throw new EngineryError("hash-mismatch", `${where} is not the file that was signed.`);
  return bytes;
}

function isWhole(bytes: Uint8Array, { length, hashes }: FoundFile): boolean {
  const expected = Object.entries(hashes);
  if (bytes.length !== length || expected.length === 0) return false;
  return expected.every(([algorithm, hash]) => createHash(algorithm).update(bytes).digest("hex") === hash);
}
