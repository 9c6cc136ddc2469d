import { EngineryError } from "../../core/errors.ts";
import type { Engine, PlatformRelease } from "../../core/model/manifest.ts";
import { checkEngineName } from "../../core/names.ts";
import { MAX_DELTAS } from "../../core/parse-manifest.ts";
import { isPlatform } from "../../core/platform.ts";
import { checkVersion } from "../../core/version.ts";
import type { AddRequest, AddResult } from "../publisher.ts";
import { type Draft, editDraft, NEW_ENGINE, withEngine } from "./draft.ts";
import { addContent } from "./release-content.ts";
import type { PublisherWorld } from "./world.ts";

/**
 * A release for a platform, into the draft. One that is published keeps its bytes: the same files change nothing, others are refused; in
 * the draft it is replaced. Errors: `bad-name`, `bad-version`, `usage`, `release-changed`, `archive-*`, those of Fetcher.
 */
export async function add(world: PublisherWorld, request: AddRequest): Promise<AddResult> {
  const { engine, version, platform } = request;
  checkEngineName(engine);
  checkVersion(version);
  if (!isPlatform(platform))
    throw new EngineryError("usage", `${platform} is not a platform.`, {
      hint: "Write any, or OS-ARCH as in linux-x64, linux-x64-musl, darwin-arm64, win32-x64.",
    });
  return await editDraft(world, request, "add", async (draft, repository) => {
    const { release: made, deltas } = await addContent(world, repository, request, draft);
    const release = publishedBefore(draft, request, made) ?? made;
    const facts = {
      engine,
      version,
      platform,
      tree: release.tree.digest,
      files: release.tree.files,
      unpackedBytes: release.tree.unpackedBytes,
      archive: archiveFacts(release),
      entries: Object.keys(release.entries),
      deltas,
    };
    return { manifest: withRelease(draft, request, release), facts };
  });
}

/** The published reference, where it is the same release: packed anew or not, its archive stays as it is. Errors: `release-changed`. */
function publishedBefore(
  { published }: Draft,
  { engine, version, platform }: AddRequest,
  made: PlatformRelease,
): PlatformRelease | undefined {
  const old = published?.manifest.engines[engine]?.releases[version]?.platforms[platform];
  if (old === undefined) return undefined;
  if (old.tree.digest !== made.tree.digest)
    throw new EngineryError("release-changed", `${engine}@${version} is published for ${platform} with other files.`, {
      context: { engine, version, platform, published: old.tree.digest, found: made.tree.digest },
    });
  return { ...old, entries: made.entries, ...moreDeltas(old, made) };
}

/** What was published stays; one from the same release is replaced. */
function moreDeltas({ deltas: old = [] }: PlatformRelease, { deltas: made = [] }: PlatformRelease) {
  const others = old.filter(({ from }) => !made.some((delta) => delta.from === from));
  const deltas = [...made, ...others].slice(0, MAX_DELTAS);
  return deltas.length === 0 ? {} : { deltas };
}

function withRelease(draft: Draft, { engine: name, version, platform }: AddRequest, release: PlatformRelease) {
  const { manifest } = draft;
  const engine: Engine = Object.hasOwn(manifest.engines, name) ? (manifest.engines[name] ?? NEW_ENGINE) : NEW_ENGINE;
  const old = engine.releases[version] ?? { platforms: {} };
  const platforms = { ...old.platforms, [platform]: release };
  return withEngine(manifest, name, { ...engine, releases: { ...engine.releases, [version]: { ...old, platforms } } });
}

function archiveFacts({ archive }: PlatformRelease): AddResult["archive"] {
  const { sha256, bytes, source } = archive;
  return { sha256, bytes, ...(source === undefined ? {} : { source }) };
}
