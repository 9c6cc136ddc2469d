import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { composeWorld } from "../../src/compose.ts";
import { type Home, openHome } from "../../src/store/home.ts";
import { unsynced } from "../../test/sim/unsynced-file-system.ts";
import { mustRun } from "../channel.ts";
import { ENGINE, versionAt } from "../large-home.ts";
import { PLAIN, type Shelf, writeSmall } from "./shelf.ts";

/** Where an axis finds its signed repository: `now` is what a home follows, `after` the same with one release more. */
export interface Followed {
  readonly env: Readonly<Record<string, string>>;
  readonly repository: string;
}

/** A repository of so many releases. */
export async function follow(shelf: Shelf, folder: string, releases: number): Promise<Followed> {
  const repository = join(folder, "before");
  await shelf.publish(repository, releases);
  symlinkSync("before", join(folder, "now"));
  return { repository, env: environment(folder, releases) };
}

function environment(folder: string, releases: number): Readonly<Record<string, string>> {
  const root = join(folder, "before", "metadata", "1.root.json");
  return {
    FROM: join(folder, "now"),
    ROOT: root,
    KEYS: join(folder, "before-keys"),
    INSTALL: `--yes --from ${join(folder, "now")} --channel bench --root ${root}`,
    NEWEST: `${ENGINE}@${versionAt(releases - 1)}`,
    // in the midst of the last deployment
    EPOCH: `${(releases - 1) * 10 + 5}`,
    EPOCH_FILE: join(folder, "epoch"),
  };
}

/** `after`: a copy of the repository, by links, with one release more that is due in a hundred epochs. */
export async function publishAfter(folder: string, releases: number): Promise<void> {
  const after = join(folder, "after");
  execFileSync("cp", ["-al", join(folder, "before"), after]);
  const tree = join(folder, "one-more");
  const release = `${ENGINE}@${versionAt(releases)}`;
  writeSmall(tree, ENGINE, versionAt(releases));
  await mustRun(["repo", "add", after, release, "--platform", "any", "--tree", tree]);
  await mustRun(["repo", "deploy", after, release, "--valid-from", `${releases * 10 + 100}`]);
  await mustRun(["repo", "sign", after, "--keys-dir", join(folder, "before-keys")]);
}

/** What is installed by name, with the epoch in the midst of the last deployment: all the others are superseded. */
export async function installed(folder: string, { env }: Followed, versions: readonly string[]): Promise<void> {
  const home = join(folder, "home");
  const from = ["--from", env["FROM"] ?? "", "--channel", "bench", "--root", env["ROOT"] ?? ""];
  const names = versions.map((version) => `${ENGINE}@${version}`);
  await mustRun(["install", "--yes", ...names, `${PLAIN}@1.0.0`, ...from, "--home", home]);
  await mustRun(["observe", env["EPOCH"] ?? "", "--home", home]);
}

/** A commit that changes a selection: what derives from the newest generation is built anew, and there is one to go back to. */
export async function commitOne(folder: string): Promise<void> {
  await mustRun(["use", `${PLAIN}@1.0.0`, "--home", join(folder, "home")]);
}

/** For records by the thousand: what is measured is reading them. */
export function homeFor(folder: string): Home {
  const world = composeWorld();
  return openHome(join(folder, "home"), { ...world, fileSystem: unsynced(world.fileSystem) });
}

/** The newest so many of them, the older first. */
export function newestVersions(releases: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => versionAt(releases - count + at));
}
