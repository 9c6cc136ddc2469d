import { EngineryError } from "../../core/errors.ts";
import type { Manifest, Sha256 } from "../../core/model/manifest.ts";
import { parseManifest } from "../../core/parse-manifest.ts";
import type { MetadataAuthor, PointerBody, RootBody, TargetsBody } from "../../ports/authoring.ts";
import type { Digester } from "../../ports/digest.ts";
import type { Repository } from "../../store/repository.ts";
import { channelOfSignedName, repositoryLayout, rootVersionOf } from "../../store/repository-layout.ts";

/** What a client sees in the repository now. */
export interface Published {
  readonly root: { readonly bytes: Uint8Array; readonly body: RootBody };
  /** Undefined before the first `sign`. */
  readonly metadata: PublishedMetadata | undefined;
  readonly channels: ReadonlyMap<string, PublishedManifest>;
}

export interface PublishedMetadata {
  readonly targets: { readonly bytes: Uint8Array; readonly body: TargetsBody };
  readonly snapshot: { readonly bytes: Uint8Array; readonly body: PointerBody };
  readonly timestamp: { readonly bytes: Uint8Array; readonly body: PointerBody };
}

export interface PublishedManifest {
  readonly bytes: Uint8Array;
  readonly sha256: Sha256;
  readonly manifest: Manifest;
}

/** Reads what timestamp.json leads to; believes the publisher's own disk, but for the manifests' hashes. Errors: `missing`, `trust-format`, `hash-mismatch`. */
export function readPublished(repository: Repository, author: MetadataAuthor, digester: Digester): Published {
  const root = newestRoot(repository, author);
  if (root === undefined) throw notRepository(repository);
  const metadata = readMetadata(repository, author);
  const channels = new Map<string, PublishedManifest>();
  for (const file of metadata?.targets.body.files ?? []) {
    const channel = channelOfSignedName(file.path);
    if (channel !== undefined) channels.set(channel, readManifest(repository, digester, file.sha256));
  }
  return { root, metadata, channels };
}

export function newestRoot(repository: Repository, author: MetadataAuthor): Published["root"] | undefined {
  const versions = repository.files(repositoryLayout.metadataFolder).flatMap((name) => rootVersionOf(name) ?? []);
  if (versions.length === 0) return undefined;
  const bytes = required(repository, repositoryLayout.root(Math.max(...versions)));
  return { bytes, body: author.readRoot(bytes) };
}

function readMetadata(repository: Repository, author: MetadataAuthor): PublishedMetadata | undefined {
  const timestamp = repository.read(repositoryLayout.timestamp);
  if (timestamp === undefined) return undefined;
  const timestampBody = author.readTimestamp(timestamp);
  const snapshot = required(repository, repositoryLayout.snapshot(timestampBody.of.version));
  const snapshotBody = author.readSnapshot(snapshot);
  const targets = required(repository, repositoryLayout.targets(snapshotBody.of.version));
  return {
    timestamp: { bytes: timestamp, body: timestampBody },
    snapshot: { bytes: snapshot, body: snapshotBody },
    targets: { bytes: targets, body: author.readTargets(targets) },
  };
}

/** Errors: `missing`, `hash-mismatch`, `document-invalid`. */
export function readManifest(repository: Repository, digester: Digester, sha256: Sha256): PublishedManifest {
  const path = repositoryLayout.manifest(sha256);
  const bytes = required(repository, path);
  if (digester.sha256(bytes) !== sha256)
    throw new EngineryError("hash-mismatch", `${path} is not the manifest that its name says.`, {
      hint: "Restore the file from a copy of the repository.",
      context: { path },
    });
  return { bytes, sha256, manifest: parseManifest(bytes) };
}

function required(repository: Repository, path: string): Uint8Array {
  const bytes = repository.read(path);
  if (bytes !== undefined) return bytes;
  throw new EngineryError("missing", `${repository.absolute(path)} is not there.`, {
    hint: "Restore the file from a copy of the repository.",
    context: { path },
  });
}

function notRepository(repository: Repository): EngineryError {
  return new EngineryError("missing", `${repository.directory} is not a repository.`, {
    hint: "Make one: `enginery repo init DIR --channel NAME --keys-dir KEYS`.",
    context: { directory: repository.directory },
  });
}
