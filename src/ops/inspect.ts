import { isEngineryError } from "../core/errors.ts";
import type { Installation } from "../core/model/home.ts";
import type { Tree } from "../core/model/tree.ts";
import type { VerifyProblem } from "./operator.ts";
import type { Snapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

export interface Inspected {
  readonly installation: Installation;
  /** Undefined where the home's copy of the tree is gone or damaged. */
  readonly tree: Tree | undefined;
  readonly problems: readonly VerifyProblem[];
}

/** All of them hashed, or only looked at where `quick`. */
export function inspectAll(
  world: World,
  { home }: Pick<Snapshot, "home">,
  installations: readonly Installation[],
  quick: boolean,
): readonly Inspected[] {
  using bar = world.reporter.progress("verify", quick ? 0 : total(installations.map(({ bytes }) => bytes)));
  return installations.map((installation) => {
    const { engine, version } = installation;
    const problem = (path: string, kind: VerifyProblem["kind"]): VerifyProblem => ({ engine, version, path, kind });
    const tree = treeOf(() => home.trees.read(installation.tree));
    if (tree === undefined)
      return { installation, tree, problems: [problem(`trees/${installation.tree}.json`, "missing")] };
    const onBytes = (bytes: number) => bar.advance(bytes);
    const problems = home.installations
      .inspect(engine, version, tree, { quick, onBytes })
      .map(({ path, kind }) => problem(path, kind));
    return { installation, tree, problems };
  });
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
