import { isEngineryError } from "../core/errors.ts";
import type { Installation } from "../core/model/home.ts";
import type { Version } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";
import type { FileHasher } from "../ports/hashing.ts";
import type { Home } from "../store/home.ts";
import type { InstallationProblem } from "../store/installations.ts";
import type { VerifyProblem } from "./operator.ts";
import type { Snapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

export interface Inspected {
  readonly installation: Installation;
  /** Undefined where the home's copy of the tree is gone or damaged. */
  readonly tree: Tree | undefined;
  readonly problems: readonly VerifyProblem[];
}

/** All of them hashed, in several threads where that is worth while, or only looked at where `quick`. */
export async function inspectAll(
  world: World,
  { home }: Pick<Snapshot, "home">,
  installations: readonly Installation[],
  quick: boolean,
): Promise<readonly Inspected[]> {
  const files = total(installations.map((installation) => installation.files));
  const bytes = quick ? 0 : total(installations.map((installation) => installation.bytes));
  using bar = world.reporter.progress("verify", bytes);
  const onBytes = (hashed: number) => bar.advance(hashed);
  // begun before the lists are read: threads take as long to start
  using hasher = quick ? undefined : world.hashing?.start({ files, bytes, beside: false, onBytes });
  const listed = installations.map((installation) => ({ installation, tree: treeOf(home, installation) }));
  const known = listed.flatMap(({ installation: { engine, version }, tree }) =>
    tree === undefined ? [] : { engine, version, tree },
  );
  const found = await inspectListed(home, known, { quick, onBytes, hasher });
  return listed.map(({ installation, tree }) => {
    const { engine, version } = installation;
    const problems =
      tree === undefined
        ? [{ path: `trees/${installation.tree}.json`, kind: "missing" as const }]
        : (found.get(tree) ?? []);
    return { installation, tree, problems: problems.map(({ path, kind }) => ({ engine, version, path, kind })) };
  });
}

interface Listed {
  readonly engine: string;
  readonly version: Version;
  readonly tree: Tree;
}

/** Every byte of one installation, in several threads where that is worth while. */
export async function inspectOne(world: World, home: Home, listed: Listed): Promise<readonly InstallationProblem[]> {
  const { files } = listed.tree;
  const bytes = total(files.map((file) => file.bytes));
  using hasher = world.hashing?.start({ files: files.length, bytes, beside: false });
  return (await inspectListed(home, [listed], { quick: false, hasher })).get(listed.tree) ?? [];
}

interface InspectionMeans {
  readonly quick: boolean;
  readonly onBytes?: (n: number) => void;
  readonly hasher: FileHasher | undefined;
}

async function inspectListed(
  { installations }: Home,
  listed: readonly Listed[],
  { quick, onBytes, hasher }: InspectionMeans,
): Promise<ReadonlyMap<Tree, readonly InstallationProblem[]>> {
  for (const { engine, version, tree } of listed) {
    const folder = installations.path(engine, version);
    for (const { path, bytes } of tree.files) hasher?.add(`${folder}/${path}`, bytes);
  }
  const hashing = hasher?.finish();
  // names, sizes and modes, while the threads hash
  const looked = listed.map((one) => ({ ...one, seen: installations.look(one.engine, one.version, one.tree) }));
  const hashes = await hashing;
  return new Map(
    looked.map(({ engine, version, tree, seen }) => [
      tree,
      installations.inspect(engine, version, tree, { quick, seen, hashes, ...(onBytes && { onBytes }) }),
    ]),
  );
}

function treeOf(home: Home, { tree }: Installation): Tree | undefined {
  try {
    return home.trees.read(tree);
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return undefined;
    throw error;
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
