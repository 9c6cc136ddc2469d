import { EngineryError, isEngineryError } from "../../core/errors.ts";
import type { Repository } from "../../store/repository.ts";
import type { RepositoryRequest, VerifyRepositoryResult } from "../publisher.ts";
import { checkDraft } from "./check-draft.ts";
import { viewAsNewClient } from "./client-check.ts";
import { buildsOf, checkBuild, contentName, contentOf } from "./content-check.ts";
import { buildsByTree, checkDeltas } from "./delta-check.ts";
import { type PublishedManifest, readManifest, readPublished } from "./published.ts";
import { type PublisherWorld, repositoryOf } from "./world.ts";

type Problem = VerifyRepositoryResult["problems"][number];

/**
 * Everything that a client could ever be served, as one that has seen nothing: metadata, every manifest of the chain against
 * the one before, every file that they name, hashed. Reads the whole repository. What only earlier manifests name may have been pruned.
 */
export async function verify(world: PublisherWorld, request: RepositoryRequest): Promise<VerifyRepositoryResult> {
  const repository = repositoryOf(world, request.directory);
  const author = await world.authoring();
  const { root, metadata, channels } = readPublished(repository, author, world.digester);
  if (metadata === undefined)
    throw new EngineryError("missing", "Nothing is visible in the repository yet.", {
      hint: "Publish it: `enginery repo sign`.",
    });
  const problems: Problem[] = [];
  const checked = { files: 0, bytes: 0 };
  const count = (bytes: number): void => {
    checked.files += 1;
    checked.bytes += bytes;
  };
  const expires = await verifyMetadata(world, repository, [...channels.keys()], problems);
  const seen = new Set<string>();
  for (const [channel, published] of channels) {
    for (const { manifest, sha256, bytes } of verifyChain(world, repository, published, problems)) {
      count(bytes.length);
      const newest = sha256 === channels.get(channel)?.sha256;
      await verifyContent(world, repository, { manifest, newest, seen, count, problems });
    }
  }
  return {
    ok: problems.length === 0,
    checked,
    channels: [...channels].map(([channel, { manifest, sha256 }]) => ({
      channel,
      serial: manifest.serial,
      manifest: sha256,
    })),
    root: { version: root.body.version, sha256: world.digester.sha256(root.bytes) },
    expires,
    problems,
  };
}

async function verifyMetadata(
  world: PublisherWorld,
  repository: Repository,
  channels: readonly string[],
  problems: Problem[],
): Promise<VerifyRepositoryResult["expires"]> {
  try {
    return (await viewAsNewClient(world, repository, channels, { files: new Map(), allowExpired: false })).expires;
  } catch (error) {
    problems.push(problemOf("metadata", error));
    return {};
  }
}

/** The newest first, then each that it names as the one before; ends at the first that cannot be read. */
function verifyChain(
  world: PublisherWorld,
  repository: Repository,
  newest: PublishedManifest,
  problems: Problem[],
): readonly PublishedManifest[] {
  const chain = [newest];
  for (let last = newest; last.manifest.previous !== null; ) {
    const path = `manifests/${last.manifest.previous}.json`;
    try {
      const before = readManifest(repository, world.digester, last.manifest.previous);
      checkDraft(before.manifest, last.manifest, last.manifest.publishedEpoch ?? undefined);
      chain.push(before);
      last = before;
    } catch (error) {
      problems.push(problemOf(path, error));
      return chain;
    }
  }
  return chain;
}

interface ContentCheck {
  readonly manifest: PublishedManifest["manifest"];
  readonly newest: boolean;
  /** Content that was checked already. */
  readonly seen: Set<string>;
  readonly count: (bytes: number) => void;
  readonly problems: Problem[];
}

async function verifyContent(world: PublisherWorld, repository: Repository, check: ContentCheck): Promise<void> {
  const builds = buildsByTree(check.manifest);
  for (const build of buildsOf(check.manifest)) {
    const [first] = contentOf(build);
    const key = contentName(build);
    if (first === undefined || check.seen.has(key)) continue;
    check.seen.add(key);
    try {
      await checkBuild(world, repository, build, check.count);
      if (check.newest) await checkDeltas(world, repository, builds, build);
    } catch (error) {
      const pruned = !check.newest && isEngineryError(error, "missing");
      if (!pruned) check.problems.push(problemOf(first.path, error));
    }
  }
}

function problemOf(path: string, error: unknown): Problem {
  if (!isEngineryError(error)) throw error;
  const named = error.context["path"];
  return { path: typeof named === "string" ? named : path, code: error.code, message: error.message };
}
