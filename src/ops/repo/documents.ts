import type { MetadataAuthor, MetadataHead, MetadataRole, RootBody } from "../../ports/authoring.ts";
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
  const listed = (before === undefined ? [own] : [own, before]).map((root) => {
    const signed = author.signers(role, document, root.bytes);
    return { root, signed, unsigned: keysOf(root, role).filter(({ keyid }) => !signed.includes(keyid)) };
  });
  const given = await signers.sign(
    role,
    author.payload(role, document),
    distinct(listed.flatMap(({ unsigned }) => unsigned)),
  );
  const givenIds = given.map(({ keyid }) => keyid);
  const bytes = given.reduce((signed, one) => author.withSignature(role, signed, one.keyid, one.signature), document);

  const counts = listed.map(({ root, signed, unsigned }) => ({
    have: signed.length + unsigned.filter(({ keyid }) => givenIds.includes(keyid)).length,
    threshold: root.body.roles[role].threshold,
    unsigned: unsigned.filter(({ keyid }) => !givenIds.includes(keyid)),
  }));
  const needed = role === "root" ? counts : counts.slice(0, 1);
  const short = needed.filter(({ have, threshold }) => have < threshold);
  const [final, past] = counts.map(({ have, threshold }) => ({ have, threshold }));
  return {
    bytes,
    status: {
      role,
      ...headOf(author, role, bytes),
      ...(final ?? { have: 0, threshold: 1 }),
      ...(role === "root" && past !== undefined ? { before: past } : {}),
    },
    missing: distinct(short.flatMap(({ unsigned }) => unsigned)).map(({ keyid }) => keyid),
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

function keysOf({ body }: RootDocument, role: MetadataRole): readonly PublicKey[] {
  return body.keys.filter(({ keyid }) => body.roles[role].keyids.includes(keyid));
}

function distinct(keys: readonly PublicKey[]): readonly PublicKey[] {
  return [...new Map(keys.map((key) => [key.keyid, key])).values()];
}

export function headOf(author: MetadataAuthor, role: MetadataRole, bytes: Uint8Array): MetadataHead {
  const { version, expires } = bodyOf(author, role, bytes);
  return { version, expires };
}

function bodyOf(author: MetadataAuthor, role: MetadataRole, bytes: Uint8Array): MetadataHead {
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
