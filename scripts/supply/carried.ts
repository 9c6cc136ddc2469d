import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { asRead } from "../build/settings.ts";

/** What the lockfile says of one package of npm. */
export interface LockedPackage {
  readonly version: string;
  /** Of its archive, as npm checks it. */
  readonly integrity?: string;
  /** An SPDX expression. */
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface CarriedPackage extends LockedPackage {
  /** Within the project: `node_modules/tar`. */
  readonly folder: string;
  readonly name: string;
}

/** The packages of npm whose code the build carries within itself, by what esbuild reads and the lockfile says; by name. */
export function carriedPackages(root: string): readonly CarriedPackage[] {
  const locked = lockedPackages(root);
  const { metafile } = buildSync(asRead(root, "src/main.ts", "src/index.ts"));
  // all that is read: of what is asked for from another file the build leaves nothing out
  const folders = new Set(Object.keys(metafile.inputs).flatMap((path) => packageFolder(path) ?? []));
  return [...folders].sort().map((folder) => {
    const found = locked[folder];
    if (found === undefined) throw new Error(`${folder} is in the build and not in package-lock.json.`);
    return { ...found, folder, name: nameOf(folder) };
  });
}

export function lockedPackages(root: string): Readonly<Record<string, LockedPackage>> {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  return lock.packages;
}

/** `node_modules/a/node_modules/@b/c/lib/d.js`: `node_modules/a/node_modules/@b/c`. */
function packageFolder(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

export function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
}
