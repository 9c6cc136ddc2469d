import type { MetadataAuthor, MetadataRole, RootBody } from "../../ports/authoring.ts";
import type { PublicKey } from "../../ports/keys.ts";
import type { SignedRole } from "../publisher.ts";
import type { Signers } from "./signers.ts";

export interface RootDocument {
  readonly bytes: Uint8Array;
  readonly body: RootBody;
}

/** The root that clients will end at and, where it is new, the one before it. */
export interface Roots {
  readonly root: RootDocument;
  readonly before: RootDocument | undefined;
}

/** A document with every signature that there is for it so far. */
export interface SignedDocument {
  readonly bytes: Uint8Array;
  readonly status: SignedRole;
  /** Key ids that could still sign, where a threshold is not met. */
  readonly missing: readonly string[];
  readonly complete: boolean;
  readonly added: number;
}

/**
 * Adds what `signers` can give. A new root
 * needs the thresholds of both (TUF 1.0, 5.3.4); any other document that of the first, and takes the signatures of the
 * second's keys along, so that clients that have not seen the new root yet believe it too.
 */
export async function collectSignatures(
  author: MetadataAuthor,
  signers: Signers,
  role: MetadataRole,
  document: Uint8Array,
  { root: own, before }: Roots,
): Promise<SignedDocument> {
  const listed = [own, ...(before === undefined ? [] : [before])];
  const unsigned = listed.flatMap((root) => unsignedKeys(author, role, document, root));
  const given = await signers.sign(role, author.payload(role, document), distinct(unsigned));
  const bytes = given.reduce((so_far, one) => author.withSignature(role, so_far, one.keyid, one.signature), document);

  const counts = listed.map((root) => ({
    have: author.signers(role, bytes, root.bytes).length,
    threshold: root.body.roles[role].threshold,
  }));
  const needed = role === "root" ? listed : [own];
  const short = needed.filter((_, place) => (counts[place]?.have ?? 0) < (counts[place]?.threshold ?? 1));
  const missing = distinct(short.flatMap((root) => unsignedKeys(author, role, bytes, root)));
  const { version, expires } = headOf(author, role, bytes);
  const [have, past] = counts;
  return {
    bytes,
    status: {
      role,
      version,
      expires,
      have: have?.have ?? 0,
      threshold: have?.threshold ?? 1,
      ...(role === "root" && past && { before: past }),
    },
    missing: missing.map(({ keyid }) => keyid),
    complete: short.length === 0,
    added: given.length,
  };
}

/** Whether a client that trusts `root` believes the document. */
export function isComplete(
  author: MetadataAuthor,
  role: MetadataRole,
  document: Uint8Array,
  root: RootDocument,
): boolean {
  return author.signers(role, document, root.bytes).length >= root.body.roles[role].threshold;
}

function unsignedKeys(
  author: MetadataAuthor,
  role: MetadataRole,
  document: Uint8Array,
  root: RootDocument,
): readonly PublicKey[] {
  const signed = author.signers(role, document, root.bytes);
  const listed = root.body.roles[role].keyids.filter((keyid) => !signed.includes(keyid));
  return root.body.keys.filter(({ keyid }) => listed.includes(keyid));
}

function distinct(keys: readonly PublicKey[]): readonly PublicKey[] {
  return [...new Map(keys.map((key) => [key.keyid, key])).values()];
}

export function headOf(
  author: MetadataAuthor,
  role: MetadataRole,
  bytes: Uint8Array,
): { version: number; expires: string } {
  switch (role) {
    case "root":
      return author.readRoot(bytes);
    case "targets":
      return author.readTargets(bytes);
    case "snapshot":
      return author.readSnapshot(bytes);
    case "timestamp":
      return author.readTimestamp(bytes);
  }
}
