import { EngineryError } from "../core/errors.ts";
import type { FileSystem } from "../ports/file-system.ts";
import { parentOf } from "./layout.ts";

const FOLDER_MODE = 0o700;
const PRIVATE_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const MAX_KEY_BYTES = 64 * 1024;

/** Absolute paths of the private key files (`*.pem`) in a folder, by name. Errors: `missing`. */
export function listKeyFiles(fileSystem: FileSystem, folder: string): readonly string[] {
  const entries = fileSystem.list(folder);
  if (entries === undefined)
    throw new EngineryError("missing", `There is no folder of keys at ${folder}.`, { context: { path: folder } });
  return entries
    .filter(({ name, kind }) => kind !== "directory" && name.endsWith(".pem"))
    .map(({ name }) => `${folder}/${name}`)
    .sort();
}

/** Errors: `missing`. */
export function readKeyFile(fileSystem: FileSystem, path: string): Uint8Array {
  const bytes = fileSystem.readFile(path, MAX_KEY_BYTES);
  if (bytes !== undefined) return bytes;
  throw new EngineryError("missing", `There is no key file at ${path}.`, { context: { path } });
}

export function keyFileIn(folder: string, name: string): string {
  return `${folder}/${name}.pem`;
}

/** Where the public half lies beside a private key file. */
export function publicFileOf(path: string): string {
  return `${path.replace(/\.pem$/, "")}.pub`;
}

/** `root-1` of `.../root-1.pem`. */
export function keyNameOf(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? path).replace(/\.(?:pem|pub)$/, "");
}

/** Made for its owner alone where it is missing; one that is there keeps its mode. */
export function makeKeyFolder(fileSystem: FileSystem, folder: string): void {
  if (fileSystem.makeDirectory(folder, FOLDER_MODE)) fileSystem.syncDirectory(parentOf(folder));
}

/** Both files of a new key, durable when it returns; never over a file that is there. Errors: `refused`. */
export function writeKeyFiles(
  fileSystem: FileSystem,
  path: string,
  privatePem: Uint8Array,
  publicFile: Uint8Array,
): void {
  create(fileSystem, path, privatePem, PRIVATE_MODE);
  create(fileSystem, publicFileOf(path), publicFile, PUBLIC_MODE);
  fileSystem.syncDirectory(parentOf(path));
}

function create(fileSystem: FileSystem, path: string, bytes: Uint8Array, mode: number): void {
  using handle = fileSystem.createExclusive(path, mode);
  if (handle === undefined)
    throw new EngineryError("refused", `There is a key file at ${path} already, and keys are never overwritten.`, {
      hint: "Give another --keys-dir, or move the old keys away.",
      context: { path },
    });
  handle.write(bytes);
  handle.sync();
}
