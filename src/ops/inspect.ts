import { isEngineryError } from "../core/errors.ts";
import type { Installation } from "../core/model/home.ts";
import type { Sha256, Version } from "../core/model/manifest.ts";
import type { Tree } from "../core/model/tree.ts";
import type { Home } from "../store/home.ts";
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
  using bar = world.reporter.progress("verify", quick ? 0 : total(installations.map(({ bytes }) => bytes)));
  const onBytes = (bytes: number) => bar.advance(bytes);
  const listed = installations.map((installation) => ({
    installation,
    tree: treeOf(() => home.trees.read(installation.tree)),
  }));
  const known = listed.flatMap(({ installation: { engine, version }, tree }) =>
    tree === undefined ? [] : { engine, version, tree },
  );
  const hashes = quick ? undefined : await hashAll(world, home, known, onBytes);
  return listed.map(({ installation, tree }) => {
    const { engine, version } = installation;
    const problem = (path: string, kind: VerifyProblem["kind"]): VerifyProblem => ({ engine, version, path, kind });
    if (tree === undefined)
      return { installation, tree, problems: [problem(`trees/${installation.tree}.json`, "missing")] };
    const problems = home.installations
      .inspect(engine, version, tree, { quick, onBytes, hashes })
      .map(({ path, kind }) => problem(path, kind));
    return { installation, tree, problems };
  });
}

interface Listed {
  readonly engine: string;
  readonly version: Version;
  readonly tree: Tree;
}

/** For `installations.inspect`: by absolute path. Undefined where one thread is as fast. */
export async function hashAll(
  world: World,
  home: Home,
  listed: readonly Listed[],
  onBytes?: (n: number) => void,
): Promise<ReadonlyMap<string, Sha256> | undefined> {
  const files = listed.flatMap(({ engine, version, tree }) => {
    const folder = home.installations.path(engine, version);
    return tree.files.map(({ path, bytes }) => ({ path: `${folder}/${path}`, bytes }));
  });
  const bytes = total(files.map((file) => file.bytes));
  using hasher = world.hashing?.start({ files: files.length, bytes, beside: false, onBytes });
  for (const file of files) hasher?.add(file.path, file.bytes);
  return await hasher?.finish();
}

function treeOf(read: () => Tree | undefined): Tree | undefined {
  try {
    return read();
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return undefined;
    throw error;
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
