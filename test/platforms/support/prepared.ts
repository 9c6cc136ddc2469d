/** What scripts/platforms.ts made: the root folder of a platform, or why there is none; and the engines' folders. */
export interface PreparedPlatforms {
  readonly roots: Readonly<Record<string, { readonly path: string } | { readonly missing: string }>>;
  /** By platform and version: a folder with the files of a release. */
  readonly wasmtime: Readonly<Record<string, { readonly path: string } | { readonly missing: string }>>;
  /** The program that signs others for Windows, where that platform is asked for. */
  readonly signer?: { readonly path: string } | { readonly missing: string };
}

export function preparedPlatforms(): PreparedPlatforms {
  const said = process.env["ENGINERY_TEST_PLATFORMS"];
  if (said === undefined) throw new Error("Run this through `npm run test:platforms`.");
  return JSON.parse(said) as PreparedPlatforms;
}

/** The reason to skip a platform's cases; false: its means are there. */
export function whyNot(platform: string): string | false {
  const { roots, wasmtime } = preparedPlatforms();
  const root = roots[platform];
  if (root !== undefined && "missing" in root) return root.missing;
  for (const [key, engine] of Object.entries(wasmtime))
    if (key.startsWith(`${platform} `) && "missing" in engine) return engine.missing;
  return false;
}

export function preparedPlatform(platform: string): string {
  return pathOf(preparedPlatforms().roots[platform]);
}

export function wasmtimeFolder(platform: string, version: string): string {
  return pathOf(preparedPlatforms().wasmtime[`${platform} ${version}`]);
}

function pathOf(thing: { readonly path: string } | { readonly missing: string } | undefined): string {
  if (thing === undefined || "missing" in thing) throw new Error("This case was to be skipped.");
  return thing.path;
}
