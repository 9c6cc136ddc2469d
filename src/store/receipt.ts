import { EngineryError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { isWithin, type MadeThing, parseReceipt, pathProblem, type Receipt } from "../core/receipt.ts";
import type { FileStatus } from "../ports/file-system.ts";
import { parentOf } from "./layout.ts";
import type { StorePorts } from "./ports.ts";
import { chunksOf } from "./reading.ts";
import { removeAll } from "./removal.ts";

/** What is to be done with one thing of a receipt: `gone` needs nothing, `keep` says why. */
export type Verdict =
  | { readonly what: "remove" }
  | { readonly what: "gone" }
  | { readonly what: "keep"; readonly why: string };

export interface ReceiptFile {
  readonly receipt: Receipt;
  /** Looks, changes nothing. */
  judge(thing: MadeThing): Verdict;
  /** What `judge` has let go of; false where it is not empty after all. Errors: `permission`, `read-only`, `io`. */
  remove(thing: MadeThing): boolean;
  /** The receipt itself, once `removed` is gone for good. Durable when it returns. */
  discard(removed: readonly MadeThing[]): void;
}

const MAX_RECEIPT_BYTES = 1024 * 1024;
const MAX_START_FILE_BYTES = 16 * 1024 * 1024;
const NEW_LINE = 0x0a;
const REMOVE: Verdict = { what: "remove" };
const GONE: Verdict = { what: "gone" };
const keep = (why: string): Verdict => ({ what: "keep", why });

/** Undefined where there is none. Errors: `document-invalid`; `refused` where it is a link or somebody else's. */
export function openReceipt(path: string, ports: StorePorts): ReceiptFile | undefined {
  const { fileSystem, host } = ports;
  const status = fileSystem.status(path);
  if (status === undefined) return undefined;
  requireOwn(path, status, host.userId);
  const bytes = fileSystem.readFile(path, MAX_RECEIPT_BYTES);
  if (bytes === undefined) return undefined;
  const receipt = parseReceipt(bytes, `The receipt ${path}`);
  return {
    receipt,
    judge: (thing) => judge(ports, receipt, thing),
    remove: (thing) => remove(ports, thing),
    discard: (removed) => {
      for (const folder of new Set(removed.map((thing) => parentOf(thing.path)))) {
        if (fileSystem.status(folder)?.kind === "directory") fileSystem.syncDirectory(folder);
      }
      if (fileSystem.unlink(path)) fileSystem.syncDirectory(parentOf(path));
    },
  };
}

/** Whoever could write it could name what its owner then removes. Errors: `refused`. */
function requireOwn(path: string, { kind, owner, mode }: FileStatus, userId: number | undefined): void {
  const isOwn = userId === undefined || (owner === userId && (mode & 0o022) === 0);
  if (kind === "file" && isOwn) return;
  const what = kind === "file" ? "could be written by others than you" : "is no plain file";
  throw new EngineryError("refused", `The receipt ${path} ${what}; nothing of it is believed.`, {
    hint: "Look at what it lists, and remove that by hand.",
    context: { path },
  });
}

function judge(ports: StorePorts, receipt: Receipt, thing: MadeThing): Verdict {
  const { fileSystem, host } = ports;
  const problem = pathProblem(thing.path);
  if (problem !== undefined) return keep(problem);
  const status = fileSystem.status(thing.path);
  if (status === undefined) return GONE;
  if (host.userId !== undefined && status.owner !== host.userId) return keep("belongs to another account");
  const foreign = foreignFolder(ports, parentOf(thing.path));
  if (foreign !== undefined) return keep(`lies below ${foreign}, which another account could exchange`);
  switch (thing.kind) {
    case "file":
      return judgeFile(ports, thing, status);
    case "link":
      return judgeLink(ports, thing, status);
    case "line":
      return judgeLine(ports, thing, status);
    case "folder":
      return status.kind === "directory" ? REMOVE : keep("is no folder any more");
    case "made":
      return judgeMade(receipt, thing, status);
    case "self":
      return judgeSelf(ports, receipt, thing, status);
    case "home":
      return keep("is a home: --purge removes it");
    default:
      return keep("is of a kind that this Enginery does not know");
  }
}

/** On the way to a thing: whoever owns a folder of it, or a link, can put another in its place. */
function foreignFolder({ fileSystem, host: { userId } }: StorePorts, folder: string): string | undefined {
  if (userId === undefined) return undefined;
  for (let path = folder; path !== "/"; path = parentOf(path)) {
    const status = fileSystem.status(path);
    if (status === undefined) continue;
    const isShared = status.kind === "directory" && (status.mode & 0o002) !== 0 && (status.mode & 0o1000) === 0;
    if ((status.owner !== 0 && status.owner !== userId) || isShared) return path;
  }
  return undefined;
}

function judgeFile({ fileSystem, digester }: StorePorts, { path, sha256 }: MadeThing, status: FileStatus): Verdict {
  if (status.kind !== "file") return keep("is no plain file any more");
  if (sha256 === undefined) return keep("has no hash in the receipt to know it by");
  const digest = digester.start();
  for (const chunk of chunksOf(fileSystem, path)) digest.update(chunk);
  return digest.finish() === sha256 ? REMOVE : keep("was changed since it was made");
}

function judgeLink({ fileSystem }: StorePorts, { path, within }: MadeThing, status: FileStatus): Verdict {
  if (status.kind !== "link") return keep("is no link any more");
  const leadsTo = fileSystem.readLink(path);
  const isOurs = within !== undefined && leadsTo !== undefined && isWithin(within, leadsTo);
  return isOurs ? REMOVE : keep("leads elsewhere by now");
}

function judgeLine({ fileSystem, host }: StorePorts, { path, text }: MadeThing, status: FileStatus): Verdict {
  // a start file is often a link into a folder that is kept elsewhere
  if (status.kind !== "file" && status.kind !== "link") return keep("is no plain file any more");
  if (text === undefined) return keep("says no line");
  const place = realPlace(fileSystem, path);
  const found = fileSystem.status(place);
  if (found === undefined) return GONE;
  // a pipe or a device could be read without end
  if (found.kind !== "file") return keep("leads to no plain file");
  if (host.userId !== undefined && found.owner !== host.userId) return keep("leads to another account's file");
  const lines = linesOf(fileSystem.readFile(place, MAX_START_FILE_BYTES) ?? new Uint8Array());
  return lines.some((line) => says(line, text)) ? REMOVE : GONE;
}

function judgeMade({ checkout }: Receipt, { path }: MadeThing, status: FileStatus): Verdict {
  const isOurs = checkout !== undefined && [`${checkout}/node_modules`, `${checkout}/dist`].includes(path);
  return isOurs && status.kind === "directory" ? REMOVE : keep("is not what install.sh makes in a checkout");
}

/** The folder of the single files is known by what lies in it, and nothing else may lie there. */
function judgeSelf({ fileSystem }: StorePorts, receipt: Receipt, { path }: MadeThing, status: FileStatus): Verdict {
  if (path !== receipt.self || status.kind !== "directory") return keep("is not the folder of the single files");
  for (const [folder, known] of Object.entries(SELF_NAMES)) {
    const other = (fileSystem.list(`${path}${folder}`) ?? []).find(({ name }) => !known.test(name));
    if (other !== undefined) return keep(`holds ${quote(other.name)}, which install.sh does not make`);
  }
  return fileSystem.status(`${path}/placed`)?.kind === "directory" ? REMOVE : keep("holds no single files");
}

/** What install.sh and `self-update` make there; the home is a home, whatever it holds. */
const SELF_NAMES = {
  "": /^(placed|home|root\.json|root\.json\.new|bin)$/,
  "/placed": /^(enginery-\d[0-9A-Za-z.+-]*|\.part-\w+(\.exe)?)$/,
  "/bin": /^enginery(\.cmd)?(\.new)?$/,
} as const;

function remove({ fileSystem, identifiers }: StorePorts, thing: MadeThing): boolean {
  const { kind, path, text } = thing;
  switch (kind) {
    case "folder":
      // what others put there meanwhile keeps it
      return fileSystem.removeDirectory(path);
    case "line":
      removeLine();
      return true;
    default:
      removeAll(fileSystem, path);
      return true;
  }

  /** Through the links that lead to it, so that they stay; whole or not at all; a file that held nothing else goes. */
  function removeLine(): void {
    const place = realPlace(fileSystem, path);
    const bytes = fileSystem.readFile(place, MAX_START_FILE_BYTES);
    const status = fileSystem.status(place);
    if (bytes === undefined || status?.kind !== "file") return;
    const kept = linesOf(bytes).filter((line) => !says(line, text));
    if (kept.every((line) => says(line, ""))) {
      fileSystem.unlink(place);
      fileSystem.syncDirectory(parentOf(place));
      return;
    }
    const temporary = `${place}.${identifiers.operation()}`;
    using handle = fileSystem.createExclusive(temporary, status.mode & 0o777);
    if (handle === undefined) throw new EngineryError("io", `${temporary} is there already.`);
    for (const line of kept) handle.write(line);
    handle.sync();
    handle[Symbol.dispose]();
    fileSystem.rename(temporary, place);
    fileSystem.syncDirectory(parentOf(place));
  }
}

function realPlace(fileSystem: StorePorts["fileSystem"], start: string): string {
  let place = start;
  for (let links = 0; links < 40; links++) {
    const leadsTo = fileSystem.readLink(place);
    if (leadsTo === undefined) return place;
    place = leadsTo.startsWith("/") ? leadsTo : `${parentOf(place)}/${leadsTo}`;
  }
  return start;
}

/** Each with its own end. In bytes: the file is somebody else's, and need not be UTF-8. */
function linesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEW_LINE, at);
    const next = end === -1 ? bytes.length : end + 1;
    lines.push(bytes.subarray(at, next));
    at = next;
  }
  return lines;
}

function says(line: Uint8Array, text: string | undefined): boolean {
  return text !== undefined && new TextDecoder().decode(line).replace(/\n$/, "") === text;
}
