import { EngineryError, type ErrorCode } from "./errors.ts";
import { quote } from "./quote.ts";

const MAX_PATH_BYTES = 1024;
const MAX_COMPONENT_BYTES = 255;
const MAX_DEPTH = 64;

/** Nothing in it that anything below is about, but for Windows' reserved names. */
const PLAIN_NAME = /^\w(?:[\w.+@-]{0,199}\w)?$/;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** The superscripts count as digits to Windows. */
const RESERVED_ON_WINDOWS = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])$/i;
/** What Windows calls another file by: `LONGNA~1.TXT`. */
const SHORT_NAME = /^(?=[^.]{1,8}(?:\.|$))[^.]*~[0-9]+(?:\.[^.]{0,3})?$/;

/** Why `path` cannot be a file of a tree; undefined where it can. Cost: none for plain ASCII but a few scans. */
export function treePathProblem(path: string): string | undefined {
  if (path === "") return "is empty";
  if (path.startsWith("/")) return "is absolute";
  if (path.includes("\\")) return "holds a backslash";
  const isAscii = PRINTABLE_ASCII.test(path);
  if (!isAscii) {
    if (!path.isWellFormed() || isUnseenIn(path)) return "holds a character that cannot be seen";
    if (path.normalize("NFC") !== path) return "is not in Unicode normal form C";
  }
  if (/[:<>"|?*]/.test(path)) return "holds a character that Windows does not allow";
  if (bytesOf(path, isAscii) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  const components = path.split("/");
  if (components.length > MAX_DEPTH) return `is deeper than ${MAX_DEPTH} folders`;
  for (const component of components) {
    const problem = componentProblem(component, isAscii);
    if (problem !== undefined) return problem;
  }
  if (fold(components[0] ?? "") === "SEAL.JSON") return "begins with SEAL.json, which is reserved";
  return undefined;
}

/** Whether a name in a folder that was looked at needs no other look. `path` is the whole of it: no character has more than three bytes. */
function isPlainName(name: string, path: string): boolean {
  return 3 * path.length <= MAX_PATH_BYTES && PLAIN_NAME.test(name) && !isReservedOnWindows(name);
}

/** Control, bidi, zero-width and other characters that nobody sees. The expression is made where it is asked: that takes half a millisecond. */
function isUnseenIn(text: string): boolean {
  return /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(text);
}

function componentProblem(component: string, isAscii: boolean): string | undefined {
  if (component === "") return "has an empty component";
  if (component === "." || component === "..") return `has the component ${component}`;
  if (bytesOf(component, isAscii) > MAX_COMPONENT_BYTES) return `has a component over ${MAX_COMPONENT_BYTES} bytes`;
  if (component.startsWith("-")) return "has a component that begins with a dash";
  if (/[. ]$/.test(component)) return "has a component that ends with a dot or a space";
  if (isReservedOnWindows(component)) return "has a component that is reserved on Windows";
  if (SHORT_NAME.test(component)) return "has a component that looks like a short name of Windows";
  return undefined;
}

/** Whether Windows takes a file of that name for a device, whatever follows the first dot. */
export function isReservedOnWindows(name: string): boolean {
  const stem = name.split(".", 1)[0] ?? "";
  return stem.length <= 16 && RESERVED_ON_WINDOWS.test(stem.trim());
}

/** Errors: `archive-hostile`, or `code`. */
export function checkTreePath(path: string, code: ErrorCode = "archive-hostile"): string {
  const problem = treePathProblem(path);
  if (problem === undefined) return path;
  throw new EngineryError(code, `The path ${quote(path)} ${problem}.`, { context: { path } });
}

/**
 * Each path, and all of them together: no two may be one file on a file system that folds case, width or normal form, and
 * none may be both file and folder. Errors: `archive-hostile`, or `code`. Cost: about 1 ms a thousand paths.
 */
export function checkTreePaths(paths: Iterable<string>, code: ErrorCode = "archive-hostile"): void {
  const owners = new Map<string, Owner>();
  const folders = new Set<string>();
  for (const path of paths) {
    const folder = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
    // what is right about one file's folder is right about the next one's
    if (!folders.has(folder) || !isPlainName(path.slice(folder.length + 1), path)) checkTreePath(path, code);
    claimFolders(folder, folders, owners, code);
    claim(path, "file", owners, code);
  }
}

/** Lists whose paths were found sound; none is ever changed. */
const sound = new WeakSet<readonly object[]>();

/** As `checkTreePaths`, of a tree's list: once, however often it is asked. */
export function checkTreeFiles(files: readonly { readonly path: string }[]): void {
  if (sound.has(files)) return;
  checkTreePaths(files.map(({ path }) => path));
  sound.add(files);
}

interface Owner {
  readonly path: string;
  readonly kind: "file" | "folder";
}

function claimFolders(folder: string, known: Set<string>, owners: Map<string, Owner>, code: ErrorCode): void {
  for (let rest = folder; rest !== "" && !known.has(rest); rest = rest.slice(0, Math.max(rest.lastIndexOf("/"), 0))) {
    known.add(rest);
    claim(rest, "folder", owners, code);
  }
}

function claim(path: string, kind: Owner["kind"], owners: Map<string, Owner>, code: ErrorCode): void {
  const folded = fold(path);
  const other = owners.get(folded);
  owners.set(folded, { path, kind });
  if (other === undefined || (other.path === path && kind === "folder" && other.kind === "folder")) return;
  const how = other.path !== path ? "are one name to some file systems" : "are one name";
  throw new EngineryError(code, `The ${other.kind} ${quote(other.path)} and the ${kind} ${quote(path)} ${how}.`, {
    context: { path, other: other.path },
  });
}

/** One spelling for all that some file system takes for the same: case, width, ligatures, ß and ss. */
function fold(path: string): string {
  if (PRINTABLE_ASCII.test(path)) return path.toUpperCase();
  return path.normalize("NFKC").toLowerCase().toUpperCase().normalize("NFKC");
}

function bytesOf(text: string, isAscii: boolean): number {
  return isAscii ? text.length : new TextEncoder().encode(text).length;
}
