import { readdirSync } from "node:fs";
import { join } from "node:path";
import { sound } from "../../engines/support/command.ts";
import { must } from "../../engines/support/prepare.ts";
import type { Publisher } from "../../engines/support/publisher.ts";
import { wasmtimeFolder } from "./prepared.ts";

/** The program of npm's wizer, which is the Wasmtime in it, as its platform calls it. */
export function wizerOf(platform: string): string {
  return platform.startsWith("win32-") ? "wizer.exe" : "wizer";
}

export interface Publishing {
  readonly publisher: Publisher;
  readonly platform: string;
  /** Where archives are made. */
  readonly folder: string;
}

/** One of the prepared Wasmtimes as a release, in effect from `validFrom`. */
export async function publishWasmtime(by: Publishing, version: string, validFrom: number): Promise<void> {
  await publishTree(by, { version, validFrom, tree: wasmtimeFolder(by.platform, version), words: [] });
}

/** A folder with such a program and more as a release. `words`: for `repo add`, further entry points. */
export async function publishTree(
  { publisher, platform, folder }: Publishing,
  { version, validFrom, tree, words }: PublishedTree,
): Promise<void> {
  // made here, as what `repo add` makes itself is small and takes minutes under load
  const archive = join(folder, `${version}.tar.gz`);
  must("tar", ["-C", tree, "-I", "gzip -1", "-cf", archive, ...readdirSync(tree)], folder);
  const entry = `wasmtime=${wizerOf(platform)}:executable`;
  const release = ["--platform", platform, "--archive", archive, "--entry", entry, ...words];
  await sound(["repo", "add", publisher.repository, `wasmtime@${version}`, ...release]);
  await publisher.deploy("wasmtime", version, validFrom);
}

interface PublishedTree {
  readonly version: string;
  readonly validFrom: number;
  readonly tree: string;
  readonly words: readonly string[];
}
