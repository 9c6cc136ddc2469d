import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { METADATA_ROLES } from "../../core/metadata-rules.ts";
import type { Digester } from "../../ports/digest.ts";
import type { Beliefs } from "./protocol.ts";

/** `root.json`, `timestamp.json` and so on in a folder, as the TUF specification's client keeps them. For one client at a time. */
export interface MetadataFolder {
  /** What is there. */
  read(): Required<Beliefs>;
  /** Puts what changed in place, in the order in which it was believed: a kill leaves a state that the workflow passes through. */
  write(topLevel: ReadonlyMap<string, Uint8Array>, delegated: ReadonlyMap<string, Uint8Array>): void;
}

export function metadataFolder(path: string, digester: Digester): MetadataFolder {
  const read = (file: string) => readIfThere(join(path, file));
  const topLevelFiles = METADATA_ROLES.map((role) => `${role}.json`);
  // a role's name may be any text, and two may differ in their case alone
  const fileOf = (role: string) => `role-${digester.sha256(new TextEncoder().encode(role))}.json`;
  return {
    read: () => ({ known: present(topLevelFiles, read), delegated: (role) => read(fileOf(role)) }),
    write(topLevel, delegated) {
      const roles = new Map([...delegated].map(([role, bytes]) => [fileOf(role), bytes]));
      for (const [file, bytes] of [...present(topLevelFiles, (file) => topLevel.get(file)), ...roles]) {
        const before = read(file);
        if (before === undefined || Buffer.compare(before, bytes) !== 0) replaceFile(join(path, file), bytes);
      }
    },
  };
}

function present(files: readonly string[], read: (file: string) => Uint8Array | undefined): Map<string, Uint8Array> {
  return new Map(
    files.flatMap((file): [string, Uint8Array][] => {
      const bytes = read(file);
      return bytes === undefined ? [] : [[file, bytes]];
    }),
  );
}

/** Undefined where there is no such file. */
export function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whole or not at all: the bytes, then the name, then the folder that holds it. What a kill leaves, the next call writes over. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const folder = join(path, "..");
  mkdirSync(folder, { recursive: true });
  const temporary = `${path}.new`;
  flushed(temporary, "w", (file) => {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  });
  renameSync(temporary, path);
  // Windows opens no folder
  if (process.platform !== "win32") flushed(folder, "r", () => {});
}

function flushed(path: string, how: "w" | "r", write: (file: number) => void): void {
  const file = openSync(path, how);
  try {
    write(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
