import { EngineryError } from "../../core/errors.ts";
import { below } from "../../core/location.ts";
import { CHANNEL_POLICY } from "../../core/metadata-policy.ts";
import { type CheckedMetadata, METADATA_ROLES, type SignedFile } from "../../core/metadata-rules.ts";
import { channelFile, metadataPath } from "../../core/repository-paths.ts";
import type { Digester } from "../../ports/digest.ts";
import type { Fetcher } from "../../ports/fetcher.ts";
import type { RefreshedTrust, RefreshRequest, TrustKeeper, TrustProblem, TrustSet } from "../../ports/trust.ts";
import { type Download, downloadManifest } from "./download.ts";
import { expiredError } from "./expired-error.ts";
import { beginFromBytes, beginFromFingerprint } from "./first-root.ts";
import { createMetadataReader, type MetadataReader } from "./metadata-reader.ts";
import { fromAnyBase } from "./mirrors.ts";
import { checkSet, type SetCheckers } from "./set-check.ts";
import { isUnchanged, remembering } from "./unchanged.ts";

/**
 * TUF by tuf-js, never bare. This file loads `@tufjs/models` (25 ms): import it when trust is needed, not before. A refresh loads
 * tuf-js (10 ms) unless nothing has changed.
 */
export function createTrustKeeper(fetcher: Fetcher, digester: Digester): TrustKeeper {
  const read = createMetadataReader(digester, CHANNEL_POLICY);
  const problemsOf = rememberingSound({ read, digester });
  const checkers = { read, digester };
  const from = (base: string): Download => ({
    fetcher,
    base,
    metadataAt: (name) => below(base, metadataPath(name)),
    read,
    digester,
  });
  return {
    async refresh(request) {
      requireSound(problemsOf, request.known, "The trust set that this home believes is damaged");
      const { value, refused } = await fromAnyBase(request.bases, (base) =>
        refreshFrom(from(base), problemsOf, request),
      );
      return { ...value, refused };
    },
    async begin({ bases, root }) {
      if ("bytes" in root) return beginFromBytes(read, root.bytes);
      const { value } = await fromAnyBase(bases, (base) => beginFromFingerprint(from(base), root.sha256));
      return value;
    },
    check: (set, channel, manifest) => [
      ...missingFiles(set),
      ...problemsOf(set),
      ...checkManifest(checkers, set, channel, manifest),
    ],
    expiries: (set) => Object.fromEntries(allMetadata(read, set).map(({ role, expires }) => [role, expires])),
    rootOf(set) {
      const bytes = set.get("root.json");
      if (bytes === undefined) throw new EngineryError("trust-format", "The trust set has no root.json.");
      return { version: read("root", bytes, "root.json").version, sha256: digester.sha256(bytes) };
    },
  };
}

type ProblemsOf = (set: TrustSet) => readonly TrustProblem[];

/** A set is checked once: one of the same files and bytes is as sound as it was. */
function rememberingSound(checkers: SetCheckers): ProblemsOf {
  let sound: TrustSet | undefined;
  return (set) => {
    if (sound !== undefined && isSame(sound, set)) return [];
    const problems = checkSet(checkers, set);
    // copies: what is remembered is what was checked
    if (problems.length === 0) sound = new Map([...set].map(([name, bytes]) => [name, Uint8Array.from(bytes)]));
    return problems;
  };
}

function isSame(one: TrustSet, other: TrustSet): boolean {
  const same = (name: string, bytes: Uint8Array) => Buffer.compare(other.get(name) ?? new Uint8Array(), bytes) === 0;
  return one.size === other.size && [...one].every(([name, bytes]) => other.has(name) && same(name, bytes));
}

async function refreshFrom(
  download: Download,
  problemsOf: ProblemsOf,
  request: RefreshRequest,
): Promise<RefreshedTrust> {
  const { channel, now, allowExpired } = request;
  const set = await refreshedSet({ ...download, fetcher: remembering(download.fetcher) }, request);
  requireSound(problemsOf, set, "The repository's metadata does not hold together");
  const metadata = allMetadata(download.read, set);
  const expired = requireFresh(metadata, now, allowExpired);
  const signed = metadata.find(({ role }) => role === "targets")?.files.get(channelFile(channel));
  if (signed === undefined) {
    throw new EngineryError("unknown-channel", `The repository has no channel ${channel}.`, { context: { channel } });
  }
  const manifest = atHand(download, request, signed) ?? (await downloadManifest(download, channel, signed));
  return { set, manifest, manifestSha256: signed.sha256, expired };
}

/** tuf-js is loaded where there is something to believe that is not believed yet. */
async function refreshedSet(download: Download, { known, now, allowExpired }: RefreshRequest): Promise<TrustSet> {
  if (await isUnchanged(download, known, now)) return known;
  const { runProtocol } = await import("./protocol.ts");
  // for tuf-js nothing has expired in 1970; `requireFresh` then judges by the true clock
  return await runProtocol(download, known, allowExpired ? 0 : now);
}

/** The manifest that was accepted before, where it is byte for byte the one that is signed now. */
function atHand({ digester }: Download, { held }: RefreshRequest, signed: SignedFile): Uint8Array | undefined {
  if (held === undefined || held.length !== signed.length) return undefined;
  return digester.sha256(held) === signed.sha256 ? held : undefined;
}

/** An expired root or targets is never taken. Errors: `trust-expired`. */
function requireFresh(metadata: readonly CheckedMetadata[], now: number, allowExpired: boolean): readonly string[] {
  const expired = metadata.filter(({ expires }) => now >= Date.parse(expires));
  const fatal = expired.find(({ role }) => !allowExpired || role === "root" || role === "targets");
  if (fatal === undefined) return expired.map(({ role }) => role);
  throw expiredError(fatal.role, fatal.expires, now);
}

function requireSound(problemsOf: ProblemsOf, set: TrustSet, what: string): void {
  const [first] = problemsOf(set);
  if (first === undefined) return;
  throw new EngineryError(first.code, `${what}: ${first.message}`, { context: { file: first.file } });
}

/** Of the roles that are there, in order. */
function allMetadata(read: MetadataReader, set: TrustSet): readonly CheckedMetadata[] {
  return METADATA_ROLES.flatMap((role) => {
    const bytes = set.get(`${role}.json`);
    return bytes === undefined ? [] : [read(role, bytes, `${role}.json`)];
  });
}

function missingFiles(set: TrustSet): readonly TrustProblem[] {
  return METADATA_ROLES.map((role) => `${role}.json`)
    .filter((file) => !set.has(file))
    .map((file) => ({ file, code: "trust-format", message: `${file} is not there.` }));
}

function checkManifest(
  { read, digester }: SetCheckers,
  set: TrustSet,
  channel: string,
  manifest: Uint8Array,
): readonly TrustProblem[] {
  const file = channelFile(channel);
  const targets = set.get("targets.json");
  // said already where it is missing or breaks its format
  const signed = targets === undefined ? undefined : filesOf(read, targets);
  if (signed === undefined) return [];
  const expected = signed.get(file);
  if (expected === undefined) {
    return [{ file, code: "trust-channel", message: `The signed metadata knows no channel ${channel}.` }];
  }
  if (expected.sha256 === digester.sha256(manifest)) return [];
  return [{ file, code: "trust-signature", message: `The manifest of ${channel} is not the one that was signed.` }];
}

function filesOf(read: MetadataReader, targets: Uint8Array): CheckedMetadata["files"] | undefined {
  try {
    return read("targets", targets, "targets.json").files;
  } catch {
    return undefined;
  }
}
