import { repositoryLayout } from "../../store/repository-layout.ts";
import { collectSignatures, headOf, type Roots, type SignedDocument } from "./documents.ts";
import { type Desk, keptOr } from "./proposal.ts";
import type { Signers } from "./signers.ts";

/** Snapshot and timestamp, which lead a client from timestamp.json to targets. */
export interface Pointers {
  readonly snapshot: SignedDocument;
  /** Undefined while the snapshot lacks its signature: the timestamp names it by its exact bytes. */
  readonly timestamp: SignedDocument | undefined;
}

export async function signPointers(
  desk: Desk,
  signers: Signers,
  targets: Uint8Array,
  roots: Roots,
  expires: string,
): Promise<Pointers> {
  const { author, digester, published } = desk;
  const reference = (role: "targets" | "snapshot", bytes: Uint8Array) => ({
    version: headOf(author, role, bytes).version,
    bytes: bytes.length,
    sha256: digester.sha256(bytes),
  });
  const snapshotVersion = (published.metadata?.snapshot.body.version ?? 0) + 1;
  const snapshotDraft = keptOr(desk, "snapshot", expires, (instant) =>
    author.snapshot({ version: snapshotVersion, expires: instant, of: reference("targets", targets) }),
  );
  const snapshot = await collectSignatures(author, signers, "snapshot", snapshotDraft, roots);
  if (!snapshot.complete) return { snapshot, timestamp: undefined };

  const timestampVersion = (published.metadata?.timestamp.body.version ?? 0) + 1;
  const timestampDraft = keptOr(desk, "timestamp", expires, (instant) =>
    author.timestamp({ version: timestampVersion, expires: instant, of: reference("snapshot", snapshot.bytes) }),
  );
  return { snapshot, timestamp: await collectSignatures(author, signers, "timestamp", timestampDraft, roots) };
}

/** Keeps a document with its signatures so far, for the next signer. */
export function keepProposed(desk: Desk, document: SignedDocument): void {
  desk.repository.write(repositoryLayout.proposed(document.status.role), document.bytes);
}
