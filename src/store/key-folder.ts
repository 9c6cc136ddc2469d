import { EngineryError } from "../core/errors.ts";
import type { FileStatus, FileSystem } from "../ports/file-system.ts";
import type { Host } from "../ports/host.ts";
import { parentOf } from "./layout.ts";

const FOLDER_MODE = 0o700;
const PRIVATE_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const MAX_KEY_BYTES = 64 * 1024;
/** Of a key file that is a link, as where secrets are mounted. */
const MOST_LINKS = 8;

/** What the key files lie on. */
export interface KeyPorts {
  readonly fileSystem: FileSystem;
  readonly host: Pick<Host, "userId">;
}

/** Absolute paths of the private key files (`*.pem`) in a folder, by name. Errors: `missing`, `permission` where others may write to it. */
export function listKeyFiles(ports: KeyPorts, folder: string): readonly string[] {
  requireOwnFolder(ports, folder);
  const entries = ports.fileSystem.list(folder);
  if (entries === undefined)
    throw new EngineryError("missing", `There is no folder of keys at ${folder}.`, { context: { path: folder } });
  return entries
    .filter(({ name, kind }) => kind !== "directory" && name.endsWith(".pem"))
    .map(({ name }) => `${folder}/${name}`)
    .sort();
}

/** A private key that others may read is no private key. Errors: `key-unreadable`. */
export function requirePrivate({ fileSystem, host }: KeyPorts, path: string): void {
  const mode = host.userId === undefined ? undefined : followed(fileSystem, path)?.mode;
  if (mode === undefined || (mode & OTHERS) === 0) return;
  throw new EngineryError(
    "key-unreadable",
    `Others than the owner may use the key file ${path} (mode ${octal(mode)}).`,
    {
      hint: `Mend it: chmod 600 ${path}`,
      context: { path },
    },
  );
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

/** Made for its owner alone where it is missing; one that is there keeps its mode. Errors: `permission` where others may write to it. */
export function makeKeyFolder(ports: KeyPorts, folder: string): void {
  const { fileSystem } = ports;
  requireOwnFolder(ports, folder);
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

/** Who may write there may put other keys in the place of these. */
function requireOwnFolder({ fileSystem, host }: KeyPorts, folder: string): void {
  const mode = host.userId === undefined ? undefined : followed(fileSystem, folder)?.mode;
  if (mode === undefined || (mode & OTHERS_WRITE) === 0) return;
  throw new EngineryError("permission", `Others than the owner may write to ${folder} (mode ${octal(mode)}).`, {
    hint: `Mend it: chmod go-w ${folder}`,
    context: { path: folder },
  });
}

function followed(fileSystem: FileSystem, path: string, links = 0): FileStatus | undefined {
  const status = fileSystem.status(path);
  const leadsTo = status?.kind === "link" && links < MOST_LINKS ? fileSystem.readLink(path) : undefined;
  if (leadsTo === undefined) return status;
  return followed(fileSystem, leadsTo.startsWith("/") ? leadsTo : `${parentOf(path)}/${leadsTo}`, links + 1);
}

function octal(mode: number): string {
  return mode.toString(8);
}
