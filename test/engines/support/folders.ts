import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after } from "node:test";

/** A folder that is gone when the file's cases have run. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "enginery-engines-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with these files in it: name to the executable that is copied. */
export function folderOf(parent: string, name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, source] of Object.entries(files)) {
    copyFileSync(source, join(folder, file));
    chmodSync(join(folder, file), 0o755);
  }
  return folder;
}

/** Every path below `root` with its kind, mode and content's hash: two are equal where the folders are, byte for byte. */
export function contentOf(root: string): ReadonlyMap<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [relative(root, path), described(path)]));
}

function described(path: string): string {
  const stat = lstatSync(path);
  const mode = (stat.mode & 0o7777).toString(8);
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (!stat.isFile()) return `folder ${mode}`;
  return `file ${mode} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
}
