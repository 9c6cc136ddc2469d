import type { Sha256 } from "./model/manifest.ts";

/** Where things lie in a repository (docs/ARCHITECTURE.md, "Trust"): paths below its base. */

/** `3.root.json`, `timestamp.json`, `5.snapshot.json`, `4.targets.json`. */
export function metadataPath(name: string): string {
  return `metadata/${name}`;
}

/** The name under which TUF signs a channel's manifest. */
export function channelFile(channel: string): string {
  return `channels/${channel}.json`;
}

/** Consistent snapshots: what TUF signs is served under its hash. */
export function servedManifestPath(channel: string, sha256: Sha256): string {
  return `targets/channels/${sha256}.${channel}.json`;
}

/** Every manifest that there ever was. */
export function manifestPath(sha256: Sha256): string {
  return `manifests/${sha256}.json`;
}
