import type { Version } from "./model/manifest.ts";

/** `ENGINE@VERSION`, as people write it; no engine's name has an `@`. */
export function releaseName({ engine, version }: { readonly engine: string; readonly version: Version }): string {
  return `${engine}@${version}`;
}
