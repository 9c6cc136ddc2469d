import { EngineryError } from "../core/errors.ts";
import type { Installation } from "../core/model/home.ts";
import type { PlatformRelease } from "../core/model/manifest.ts";
import type { Tree, TreeFile } from "../core/model/tree.ts";
import { compareVersions } from "../core/version.ts";
import type { Fetcher } from "../ports/fetcher.ts";
import type { Home } from "../store/home.ts";
import { acquire } from "./acquire.ts";
import { fetchTree } from "./documents.ts";
import { type Inspected, inspectOne } from "./inspect.ts";
import { mendFrom } from "./mend-from.ts";
import type { VerifyProblem, VerifyRequest } from "./operator.ts";
import { basesOf, fetcherFor } from "./repository-access.ts";
import { type SiblingFile, siblingFiles } from "./sibling-files.ts";
import type { Snapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/**
 * Mends what `verify` found, file by file and by rename, so that the installation never disappears meanwhile
 * (docs/operations/repair.md). Sources: another installation that has the same file whole, then the repository.
 */
export async function repair(
  world: World,
  request: VerifyRequest,
  snapshot: Snapshot,
  found: readonly Inspected[],
): Promise<readonly VerifyProblem[]> {
  const repaired: VerifyProblem[] = [];
  for (const inspected of found) {
    if (inspected.problems.length === 0) continue;
    repaired.push(...(await repairOne(world, request, snapshot, inspected)));
  }
  return repaired;
}

async function repairOne(
  world: World,
  request: VerifyRequest,
  snapshot: Snapshot,
  { installation, tree, problems }: Inspected,
): Promise<readonly VerifyProblem[]> {
  const { home } = snapshot;
  const { engine, version } = installation;
  using _claim = claimOf(home, engine, version);
  if (tree === undefined) {
    const again = await treeAgain(world, request, snapshot, installation);
    const found = await inspectOne(world, home, { engine, version, tree: again });
    const open = found.map(({ path, kind }) => ({ engine, version, path, kind }));
    return [...problems, ...(await repairOne(world, request, snapshot, { installation, tree: again, problems: open }))];
  }
  const byPath = new Map(tree.files.map((file) => [file.path, file]));
  const hashes = new Set(problems.flatMap(({ path }) => byPath.get(path)?.sha256 ?? []));
  const siblings = siblingFiles(snapshot, installation, hashes);
  const mend = ({ kind, path }: VerifyProblem): boolean => {
    const file = byPath.get(path);
    if (kind === "seal") return true;
    if (kind === "extra") home.installations.removeExtra(engine, version, path);
    else if (kind === "mode") home.installations.fixMode(engine, version, file ?? { path });
    else return file !== undefined && copyFromSibling(home, installation, file, siblings(file.sha256));
    return true;
  };
  const done: VerifyProblem[] = [];
  const left: VerifyProblem[] = [];
  for (const problem of problems) (mend(problem) ? done : left).push(problem);
  if (left.length > 0) done.push(...(await repairFromRepository(world, request, snapshot, installation, left)));
  await reseal(world, home, installation, tree, problems);
  return done;
}

/** Prune leaves alone what is being mended; where nothing is left to claim there is nothing to remove. */
function claimOf(home: Home, engine: string, version: string): Disposable | undefined {
  return home.installations.isThere(engine, version) ? home.leases.take({ engine, version }) : undefined;
}

/** The file list by itself: from the files that are there where they are the signed ones, else from the repository. */
async function treeAgain(
  world: World,
  request: VerifyRequest,
  snapshot: Snapshot,
  installation: Installation,
): Promise<Tree> {
  const { home, config } = snapshot;
  const there = home.installations.treeOf(installation.engine, installation.version);
  if (home.trees.digest(there) === installation.tree) {
    home.trees.keep(there);
    return there;
  }
  const fetcher = await fetcherFor(world, request, config);
  const bases = basesOf(config);
  const tree = await fetchTree(world, releaseOf(snapshot, installation), { fetcher, bases });
  home.trees.keep(tree);
  return tree;
}

/** The seal tells of a tree that was found whole: written last. */
async function reseal(
  world: World,
  home: Home,
  installation: Installation,
  tree: Tree,
  problems: readonly VerifyProblem[],
): Promise<void> {
  if (!problems.some(({ kind }) => kind === "seal")) return;
  const { engine, version, platform, tree: digest, bytes, files } = installation;
  const found = await inspectOne(world, home, { engine, version, tree });
  if (found.some(({ kind }) => kind !== "seal"))
    throw new EngineryError("installation-damaged", `${engine}@${version} could not be made whole.`);
  home.installations.fixSeal({ format: 1, engine, version, platform, tree: digest, bytes, files });
}

/** Whether another installation had the same bytes, by hash: `replaceFile` checks them before it replaces anything. */
function copyFromSibling(
  home: Home,
  damaged: Installation,
  wanted: TreeFile,
  siblings: Iterable<SiblingFile>,
): boolean {
  for (const { engine, version, path } of siblings) {
    try {
      const bytes = home.installations.readFile(engine, version, path);
      home.installations.replaceFile(damaged.engine, damaged.version, wanted, bytes);
      return true;
    } catch (error) {
      if (!(error instanceof EngineryError) || (error.code !== "hash-mismatch" && error.code !== "missing"))
        throw error;
    }
  }
  return false;
}

/** Lays the signed release out in staging once more and takes from there what is damaged here. */
async function repairFromRepository(
  world: World,
  request: VerifyRequest,
  snapshot: Snapshot,
  installation: Installation,
  problems: readonly VerifyProblem[],
): Promise<readonly VerifyProblem[]> {
  const { home, config } = snapshot;
  const { engine, version, platform } = installation;
  const fetcher: Fetcher = await fetcherFor(world, request, config);
  const { stage, tree } = await acquire(world, home, {
    operation: world.identifiers.operation(),
    engine,
    version,
    platform,
    release: releaseOf(snapshot, installation),
    bases: basesOf(config),
    fetcher,
  });
  await mendFrom(world, home, stage, tree);
  return problems;
}

/** The signed description of what is installed: from the manifest in force, which keeps every release that is deployed. */
function releaseOf({ manifest, newest }: Snapshot, { engine, version, platform, tree }: Installation): PlatformRelease {
  const release = manifest.engines[engine]?.releases[version]?.platforms[platform];
  if (release !== undefined && release.tree.digest === tree) return release;
  const known = Object.keys(manifest.engines[engine]?.releases ?? {}).sort(compareVersions);
  throw new EngineryError(
    "installation-damaged",
    `${engine}@${version} is damaged, and the manifest of generation ${newest.number} no longer names it.`,
    { hint: "Restore it from a backup, or let `enginery prune` remove it.", context: { known } },
  );
}
