import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildProgram } from "./build.ts";
import { sound } from "./run.ts";

export const PLATFORM = `${process.platform}-${process.arch}`;

/**
 * Prepared homes and repositories to copy from. Two engines: toy 1.0.0 (from epoch 0), 2.0.0 (100) and, published later, 3.0.0 (200); rig
 * 1.0.0 (0, pinned by a tenant) and 2.0.0 (50). The epoch seen is 150. Each release has an executable, a library and data.
 */
export interface Stage {
  readonly folder: string;
  readonly program: string;
  readonly keys: string;
  /** Serial 1, serial 2, and serial 3 drafted and unsigned. */
  readonly repositories: { readonly first: string; readonly second: string; readonly draft: string };
  /** Serial 1 installed; that with serial 2 offered; serial 2 over it; that with damages. */
  readonly homes: {
    readonly first: string;
    readonly behind: string;
    readonly second: string;
    readonly damaged: string;
  };
  readonly root: string;
}

export async function prepareStage(): Promise<Stage & Disposable> {
  const folder = scratchFolder();
  const program = await buildProgram(join(folder, "program"));
  const at = (name: string) => join(folder, name);
  const repositories = { first: at("repository-1"), second: at("repository-2"), draft: at("repository-3") };
  const homes = { first: at("home-1"), behind: at("home-1-behind"), second: at("home-2"), damaged: at("home-damaged") };
  const stage = {
    folder,
    program,
    keys: at("keys"),
    repositories,
    homes,
    root: join(repositories.first, "metadata", "1.root.json"),
  };
  const repo = (verb: string, directory: string, ...words: readonly string[]) =>
    sound(program, ["repo", verb, directory, ...words], { env: { ENGINERY_HOME: at("no-home") } });
  const release = async (directory: string, engine: string, version: string, validFrom: number) => {
    const tree = engineTree(at("trees"), engine, version);
    const entries = [
      "--entry",
      `${engine}=bin/${engine}:executable`,
      "--entry",
      `${engine}rt=lib/${engine}rt.so:library`,
    ];
    const probe = ["--probe=--version", `--expect=${engine} ${version}`];
    await repo("add", directory, `${engine}@${version}`, "--platform", PLATFORM, "--tree", tree, ...entries, ...probe);
    await repo("deploy", directory, `${engine}@${version}`, "--valid-from", `${validFrom}`);
  };

  await repo("init", repositories.first, "--channel", "toys", "--keys-dir", stage.keys);
  for (const [engine, version, from] of [
    ["toy", "1.0.0", 0],
    ["toy", "2.0.0", 100],
    ["rig", "1.0.0", 0],
    ["rig", "2.0.0", 50],
  ] as const)
    await release(repositories.first, engine, version, from);
  await repo("sign", repositories.first, "--keys-dir", stage.keys, "--epoch", "10");
  cpSync(repositories.first, repositories.second, { recursive: true });
  await release(repositories.second, "toy", "3.0.0", 200);
  await repo("sign", repositories.second, "--keys-dir", stage.keys, "--epoch", "150");
  cpSync(repositories.second, repositories.draft, { recursive: true });
  await release(repositories.draft, "toy", "4.0.0", 300);

  await sound(program, [...installWords(stage), "--home", homes.first]);
  await sound(program, ["observe", "150", "--home", homes.first]);
  await sound(program, ["pin", "vat-1", "rig@1.0.0", "--home", homes.first]);
  copyHome(homes.first, homes.behind, repositories.second);
  copyHome(homes.behind, homes.second);
  await sound(program, ["upgrade", "--no-prune", "--home", homes.second]);
  copyHome(homes.second, homes.damaged);
  damage(homes.damaged);
  return { ...stage, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** In memory where programs may be run from there: a kill shows no flush, and thousands of flushes cost minutes. */
export function scratchFolder(): string {
  for (const parent of ["/dev/shm", tmpdir()]) {
    try {
      const folder = mkdtempSync(join(parent, "enginery-safety-"));
      writeFileSync(join(folder, "try"), "#!/bin/sh\n", { mode: 0o755 });
      if (spawnSync(join(folder, "try")).status === 0) return folder;
      rmSync(folder, { recursive: true });
    } catch {
      // The next one.
    }
  }
  throw new Error("There is no folder to work in.");
}

export function installWords({ repositories, root }: Pick<Stage, "repositories" | "root">): readonly string[] {
  return ["install", "--from", repositories.first, "--channel", "toys", "--root", root];
}

/** A folder of files that is an engine: a script that says its version, a library, data. */
export function engineTree(parent: string, engine: string, version: string): string {
  const tree = join(parent, `${engine}-${version}`);
  for (const folder of ["bin", "lib", "share"]) mkdirSync(join(tree, folder), { recursive: true });
  writeFileSync(join(tree, "bin", engine), `#!/bin/sh\necho "${engine} ${version}" "$@"\n`);
  chmodSync(join(tree, "bin", engine), 0o755);
  writeFileSync(join(tree, "lib", `${engine}rt.so`), `library ${engine} ${version}\n`);
  writeFileSync(join(tree, "share", "notes.txt"), `${engine} ${version}\n`.repeat(100));
  return tree;
}

/** A home elsewhere: launchers carry its path; `repository`: where it looks from now on. */
export function copyHome(from: string, to: string, repository?: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  for (const name of readdirSync(join(to, "bin"))) {
    const path = join(to, "bin", name);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(`'${from}'`, `'${to}'`));
  }
  if (repository === undefined) return;
  const config = join(to, "config.json");
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, "utf8")), repository }));
}

/** One of each: a changed file, a missing one, an extra one, a wrong mode, a missing seal. */
function damage(home: string): void {
  const at = (path: string) => join(home, "engines", path);
  chmodSync(at("toy/2.0.0/share/notes.txt"), 0o644);
  writeFileSync(at("toy/2.0.0/share/notes.txt"), "TOY 2.0.0\n".repeat(100));
  chmodSync(at("toy/2.0.0/share/notes.txt"), 0o444);
  rmSync(at("toy/3.0.0/lib/toyrt.so"));
  writeFileSync(at("rig/2.0.0/share/extra.txt"), "extra\n");
  chmodSync(at("rig/1.0.0/bin/rig"), 0o644);
  rmSync(at("toy/1.0.0/SEAL.json"));
}

/** What the dead left of the writer lock is as old as if the next command came a minute later. */
export function letLockAge(home: string): void {
  const then = new Date(Date.now() - 60_000);
  try {
    utimesSync(join(home, ".writer"), then, then);
  } catch {
    // It was not held.
  }
}
