import type { Manifest, Platform, Sha256, Version } from "../core/model/manifest.ts";

/** Paths within what `repo export` writes (docs/LAYOUT.md, "An export"), below its one folder. */
export const exportLayout = {
  folder: ({ channel, serial }: Pick<Manifest, "channel" | "serial">) => `${channel}-${serial}`,
  readme: "README.txt",
  verify: "verify",
  /** A release, laid out: its files are in here. */
  release: (engine: string, version: Version, platform: Platform) => `engines/${engine}/${version}/${platform}`,
  /** Its file list, not compressed: a shell reads it. */
  tree: (digest: Sha256) => `trees/${digest}.json`,
  /** What `install --from` takes; in here all is as in the publisher's folder. */
  repository: (path: string) => `repository/${path}`,
} as const;
