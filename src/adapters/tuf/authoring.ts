import { type Key, Metadata, MetaFile, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } from "@tufjs/models";
import type { MetadataAuthor, PointerBody, RootBody, TargetsBody } from "../../ports/authoring.ts";
import { type AnyMetadata, parseMetadata, rethrown, serialize } from "./metadata-bytes.ts";

const SPEC_VERSION = "1.0.31";
const ED25519 = "ed25519";
const ROLES = ["root", "targets", "snapshot", "timestamp"] as const;

/** TUF metadata by the classes that the client verifies with, so that both mean the same canonical bytes. */
export const metadataAuthor: MetadataAuthor = {
  root: (body) => serialize(new Metadata(rootOf(body))),
  targets: (body) => serialize(new Metadata(targetsOf(body))),
  snapshot: (body) => serialize(new Metadata(snapshotOf(body))),
  timestamp: (body) => serialize(new Metadata(timestampOf(body))),
  readRoot: (bytes) => rethrown("root", () => rootBody(parseMetadata("root", bytes).signed as Root)),
  readTargets: (bytes) => rethrown("targets", () => targetsBody(parseMetadata("targets", bytes).signed as Targets)),
  readSnapshot: (bytes) =>
    rethrown("snapshot", () => snapshotBody(parseMetadata("snapshot", bytes).signed as Snapshot)),
  readTimestamp: (bytes) =>
    rethrown("timestamp", () => timestampBody(parseMetadata("timestamp", bytes).signed as Timestamp)),
  payload: (role, bytes) => canonicalBytes(parseMetadata(role, bytes)),
  withSignature(role, bytes, keyid, signature) {
    const metadata = parseMetadata(role, bytes);
    metadata.signatures[keyid] = new Signature({ keyID: keyid, sig: signature });
    return serialize(metadata);
  },
  signers(role, bytes, root) {
    const metadata = parseMetadata(role, bytes);
    const trusted = parseMetadata("root", root).signed as Root;
    return (trusted.roles[role]?.keyIDs ?? []).filter((keyid) => verifies(trusted.keys[keyid], metadata));
  },
};

function verifies(key: Key | undefined, metadata: AnyMetadata): boolean {
  try {
    key?.verifySignature(metadata);
    return key !== undefined;
  } catch {
    return false;
  }
}

/** The library hands the canonical form to a signer and to nobody else. */
function canonicalBytes(metadata: AnyMetadata): Uint8Array {
  let canonical: Uint8Array = new Uint8Array();
  metadata.sign((bytes) => {
    canonical = bytes;
    return new Signature({ keyID: "", sig: "" });
  });
  return canonical;
}

/** Through JSON: the library keeps its class of roles to itself. */
function rootOf(body: RootBody): Root {
  const roles = ROLES.map((role) => {
    const { keyids, threshold } = body.roles[role];
    return [role, { keyids: [...keyids].sort(), threshold }] as const;
  });
  const keys = body.keys.map(
    ({ keyid, ed25519 }) => [keyid, { keytype: ED25519, scheme: ED25519, keyval: { public: ed25519 } }] as const,
  );
  return Root.fromJSON({
    spec_version: SPEC_VERSION,
    ...headOf(body),
    keys: Object.fromEntries(keys),
    roles: Object.fromEntries(roles),
    consistent_snapshot: true,
  });
}

function rootBody(root: Root): RootBody {
  const role = (name: (typeof ROLES)[number]) => {
    const found = root.roles[name];
    if (found === undefined) throw new TypeError(`no role ${name}`);
    return { keyids: found.keyIDs, threshold: found.threshold };
  };
  return {
    ...headOf(root),
    keys: Object.values(root.keys).map((key) => ({ keyid: key.keyID, ed25519: key.keyVal["public"] ?? "" })),
    roles: { root: role("root"), targets: role("targets"), snapshot: role("snapshot"), timestamp: role("timestamp") },
  };
}

function targetsOf(body: TargetsBody): Targets {
  const targets = body.files.map(
    ({ path, bytes, sha256 }) => [path, new TargetFile({ path, length: bytes, hashes: { sha256 } })] as const,
  );
  return new Targets({ ...head(body), targets: Object.fromEntries(targets) });
}

function targetsBody(targets: Targets): TargetsBody {
  const files = Object.values(targets.targets).map((file) => ({
    path: file.path,
    bytes: file.length,
    sha256: sha256Of(file.hashes),
  }));
  return { ...headOf(targets), files };
}

function snapshotOf(body: PointerBody): Snapshot {
  return new Snapshot({ ...head(body), meta: { "targets.json": pointerOf(body) } });
}

function snapshotBody(snapshot: Snapshot): PointerBody {
  return { ...headOf(snapshot), of: pointedAt(snapshot.meta["targets.json"]) };
}

function timestampOf(body: PointerBody): Timestamp {
  return new Timestamp({ ...head(body), snapshotMeta: pointerOf(body) });
}

function timestampBody(timestamp: Timestamp): PointerBody {
  return { ...headOf(timestamp), of: pointedAt(timestamp.snapshotMeta) };
}

function pointerOf({ of }: PointerBody): MetaFile {
  return new MetaFile({ version: of.version, length: of.bytes, hashes: { sha256: of.sha256 } });
}

function pointedAt(file: MetaFile | undefined): PointerBody["of"] {
  if (file?.length === undefined) throw new TypeError("no length of what it points at");
  return { version: file.version, bytes: file.length, sha256: sha256Of(file.hashes) };
}

function sha256Of(hashes: Record<string, string> | undefined): string {
  const sha256 = hashes?.["sha256"];
  if (sha256 === undefined) throw new TypeError("no sha256");
  return sha256;
}

function head(body: { version: number; expires: string }): { version: number; expires: string; specVersion: string } {
  return { version: body.version, expires: body.expires, specVersion: SPEC_VERSION };
}

function headOf(signed: { version: number; expires: string }): { version: number; expires: string } {
  return { version: signed.version, expires: signed.expires };
}
