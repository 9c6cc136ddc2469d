import { EngineryError } from "../core/errors.ts";
import type { Generation, Installation } from "../core/model/home.ts";
import type { Manifest } from "../core/model/manifest.ts";
import { unknownEngine } from "../core/unknown-engine.ts";
import { compareVersions } from "../core/version.ts";

/** Errors: `unknown-engine`, naming those there are. */
export function requireEngine(manifest: Manifest, newest: Generation, engine: string): void {
  if (Object.hasOwn(manifest.engines, engine)) return;
  if (newest.installations.some((installation) => installation.engine === engine)) return;
  throw unknownEngine(manifest, engine);
}

/** Errors: `unknown-engine`, `unknown-version`, `release-not-installed` with the command that mends it. */
export function requireInstalled(
  manifest: Manifest,
  newest: Generation,
  engine: string,
  version: string,
  code: "release-not-installed" | "pin-not-installed" = "release-not-installed",
): Installation {
  requireEngine(manifest, newest, engine);
  const found = newest.installations.find((release) => release.engine === engine && release.version === version);
  if (found !== undefined) return found;
  const releases = manifest.engines[engine]?.releases ?? {};
  if (!Object.hasOwn(releases, version)) {
    throw new EngineryError("unknown-version", `The channel has no release ${engine}@${version}.`, {
      hint: `It has: ${Object.keys(releases).sort(compareVersions).join(", ")}; newer ones come with \`enginery upgrade\`.`,
      context: { engine, version },
    });
  }
  throw new EngineryError(code, `${engine}@${version} is not installed here.`, {
    hint: `Install it: enginery install ${engine}@${version}`,
    context: { engine, version },
  });
}
