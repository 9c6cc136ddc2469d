import type { SignResult } from "../publisher.ts";
import type { RootDocument, SignedDocument } from "./documents.ts";
import { readKeyNames } from "./key-names.ts";
import type { Desk, ProposedManifest } from "./proposal.ts";
import type { PublishedManifest } from "./published.ts";

export interface Outcome {
  readonly visible: boolean;
  readonly changed: boolean;
  readonly documents: readonly SignedDocument[];
  readonly dryRun: boolean;
  readonly root?: RootDocument;
  readonly manifest?: ProposedManifest | undefined;
}

export function signResult(desk: Desk, outcome: Outcome): SignResult {
  const { repository, published, digester } = desk;
  const names = readKeyNames(repository);
  const root = outcome.root ?? published.root;
  const channels = new Map<string, Pick<PublishedManifest, "manifest" | "sha256">>(published.channels);
  if (outcome.manifest !== undefined) channels.set(outcome.manifest.channel, outcome.manifest);
  return {
    visible: outcome.visible,
    changed: outcome.changed,
    channels: [...channels].map(([channel, { manifest, sha256 }]) => ({
      channel,
      serial: manifest.serial,
      manifest: sha256,
    })),
    roles: outcome.documents.map(({ status }) => status),
    missing: outcome.documents.flatMap(({ status, missing }) =>
      missing.map((keyid) => ({ role: status.role, keyid, ...named(names, keyid) })),
    ),
    added: outcome.documents.reduce((sum, { added }) => sum + added, 0),
    root: { version: root.body.version, sha256: digester.sha256(root.bytes) },
    ...(outcome.dryRun ? { dryRun: true as const } : {}),
  };
}

export function named(names: ReadonlyMap<string, string>, keyid: string): { readonly name?: string } {
  const name = names.get(keyid);
  return name === undefined ? {} : { name };
}
