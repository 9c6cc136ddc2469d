import type { ArchiveReference, Sha256 } from "../core/model/manifest.ts";
import { manifestPath, metadataPath, servedManifestPath } from "../core/repository-paths.ts";

/** Paths within a repository's folder, `/` between components: what a web server serves, and the publisher's draft. */
export const repositoryLayout = {
  metadataFolder: "metadata",
  /** The commit point: whatever it leads to is visible. */
  timestamp: metadataPath("timestamp.json"),
  root: (version: number) => metadataPath(`${version}.root.json`),
  targets: (version: number) => metadataPath(`${version}.targets.json`),
  snapshot: (version: number) => metadataPath(`${version}.snapshot.json`),

  /** Under its plain name, for people; clients ask for the one that its hash names. */
  channel: (channel: string) => `targets/channels/${channel}.json`,
  channelByHash: servedManifestPath,
  manifest: manifestPath,

  archive: ({ sha256, format }: Pick<ArchiveReference, "sha256" | "format">) => `archives/${sha256}.${format}`,
  pieces: (sha256: Sha256) => `pieces/${sha256}.json.zst`,
  tree: (sha256: Sha256) => `trees/${sha256}.json.zst`,
  delta: (sha256: Sha256) => `deltas/${sha256}`,
  /** Folders whose files are named by hash and go when no manifest names them. */
  contentFolders: ["archives", "pieces", "trees", "deltas"],

  /** Nothing in here is visible to a client; it may travel with the folder from one signer to the next. */
  draftFolder: ".draft",
  draftChannelFolder: ".draft/channels",
  draftChannel: (channel: string) => `.draft/channels/${channel}.json`,
  keyNames: ".draft/key-names.json",
  /** What is being signed, with the signatures so far. */
  proposalFolder: ".draft/proposal",
  proposed: (role: string) => `.draft/proposal/${role}.json`,
  proposedChannel: (channel: string) => `.draft/proposal/channels/${channel}.json`,
  /** A file, or a folder of unpacked files, that is being written and has no name yet. */
  incoming: (name: string) => `.draft/incoming-${name}`,
} as const;

/** The channel of a signed file's name; undefined where it is another file. */
export function channelOfSignedName(path: string): string | undefined {
  return /^channels\/([^/]+)\.json$/.exec(path)?.[1];
}

/** The version of a root file's name (`7.root.json`); undefined where it is another file. */
export function rootVersionOf(name: string): number | undefined {
  const digits = /^([1-9][0-9]{0,8})\.root\.json$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
