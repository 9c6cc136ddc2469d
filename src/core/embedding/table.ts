import { EngineryError } from "../errors.ts";
import type { Platform, Sha256, Version } from "../model/manifest.ts";
import type { Tree, TreeFile } from "../model/tree.ts";
import { nameProblem } from "../names.ts";
import { encodeTree } from "../parse-tree.ts";
import { isPlatform } from "../platform.ts";
import { quote } from "../quote.ts";
import { checkTreePaths } from "../tree-paths.ts";
import { versionProblem } from "../version.ts";
import { PAGE_BYTES, roundUp } from "./insertion.ts";

/** What stands for the entry point that is meant where none is named. */
const DEFAULT_ENTRY = "*";
/** How long the first line is, whatever it says. */
export const HEAD_BYTES = 63;
const MAX_TABLE_BYTES = 256 * 1024 * 1024;
const MAX_LINES = 2_000_000;
const HEAD = /^enginery-embedded 1 ([0-9]{16}) ([0-9]{16}) ([0-9]{8})\n$/;

export interface EmbeddedRelease {
  readonly engine: string;
  readonly version: Version;
  readonly platform: Platform;
  /** Digest of `files`. */
  readonly tree: Sha256;
  readonly entries: readonly EmbeddedEntry[];
  readonly files: readonly EmbeddedFile[];
}

export interface EmbeddedEntry {
  /** `*`: the one that is meant where none is named. */
  readonly name: string;
  /** `executable`, `library`; another one, as `guarded-executable`, is not for a host that does not know it. */
  readonly kind: string;
  readonly path: string;
}

export interface EmbeddedFile extends TreeFile {
  /** From the section's first byte. */
  readonly offset: number;
}

export interface EmbeddedTable {
  /** Of table and contents. */
  readonly bytes: number;
  readonly releases: readonly EmbeddedRelease[];
}

export interface ReleaseToEmbed extends Omit<EmbeddedRelease, "files"> {
  readonly files: readonly TreeFile[];
}

/**
 * The section's text (docs/LAYOUT.md, "Embedded engines"), and where each content lies: one that several files share is there once. Same
 * releases, same text.
 */
export function layOutTable(releases: readonly ReleaseToEmbed[]): {
  readonly text: Uint8Array;
  readonly table: EmbeddedTable;
} {
  const draft = new TextEncoder().encode(textOf(releases, () => 0, 0, 0));
  let end = roundUp(draft.length, PAGE_BYTES);
  const places = new Map<Sha256, number>();
  for (const { sha256, bytes } of releases.flatMap(({ files }) => files)) {
    if (places.has(sha256)) continue;
    places.set(sha256, end);
    end = roundUp(end + bytes, PAGE_BYTES);
  }
  const placeOf = ({ sha256 }: TreeFile): number => places.get(sha256) ?? 0;
  const text = new TextEncoder().encode(textOf(releases, placeOf, end, draft.length));
  const placed = releases.map((release) => ({
    ...release,
    files: release.files.map((file) => ({ ...file, offset: placeOf(file) })),
  }));
  return { text, table: { bytes: end, releases: placed } };
}

function textOf(
  releases: readonly ReleaseToEmbed[],
  placeOf: (file: TreeFile) => number,
  bytes: number,
  tableBytes: number,
): string {
  const lines = releases.flatMap(({ engine, version, platform, tree, entries, files }) => [
    `release ${engine} ${version} ${platform} ${tree} ${entries.length} ${files.length}\n`,
    ...entries.map(({ kind, name, path }) => `entry ${kind} ${name} ${path}\n`),
    ...files.map(
      (file) =>
        `file ${padded(placeOf(file), 16)} ${file.bytes} ${file.sha256} ${file.executable ? "x" : "-"} ${file.path}\n`,
    ),
  ]);
  const head = `enginery-embedded 1 ${padded(bytes, 16)} ${padded(tableBytes, 16)} ${padded(lines.length, 8)}\n`;
  return head + lines.join("");
}

const padded = (value: number, digits: number): string => String(value).padStart(digits, "0");

/** How long text and contents are. `head`: the section's first HEAD_BYTES. Errors: `document-invalid`. */
export function readHead(
  head: Uint8Array,
  sectionBytes: number,
): { readonly bytes: number; readonly tableBytes: number; readonly lines: number } {
  const [, all, table, count] = HEAD.exec(new TextDecoder("latin1").decode(head)) ?? [];
  const [bytes, tableBytes, lines] = [Number(all), Number(table), Number(count)];
  if (all === undefined || !Number.isSafeInteger(bytes)) refuse("does not begin as one of format 1");
  if (bytes > sectionBytes) refuse("is cut short");
  if (tableBytes < HEAD_BYTES || tableBytes > Math.min(bytes, MAX_TABLE_BYTES)) refuse("has a table of a wrong size");
  if (lines > MAX_LINES) refuse(`has ${lines} lines`);
  return { bytes, tableBytes, lines };
}

/** `text`: the whole table. `digestOf` is sha256. Errors: `document-invalid`, `archive-hostile` for paths, `tree-mismatch`. */
export function parseTable(
  text: Uint8Array,
  sectionBytes: number,
  digestOf: (bytes: Uint8Array) => Sha256,
): EmbeddedTable {
  const head = readHead(text.subarray(0, HEAD_BYTES), sectionBytes);
  const lines = linesOf(text);
  if (lines.length !== head.lines + 1) refuse("has another number of lines than it says");
  const releases: EmbeddedRelease[] = [];
  for (let at = 1; at < lines.length; ) {
    const [engine = "", version = "", platform = "", tree = "", entries = "", files = ""] = fields(
      lines[at],
      "release",
      6,
    );
    if (
      nameProblem(engine) !== undefined ||
      versionProblem(version) !== undefined ||
      !isPlatform(platform) ||
      !isHash(tree)
    )
      refuse(`names a release ${quote(`${engine}@${version}`)} that can be none`);
    const [entryCount, fileCount] = [countOf(entries), countOf(files)];
    if (at + entryCount + fileCount >= lines.length) refuse("ends within a release");
    const entryLines = lines.slice(at + 1, at + 1 + entryCount);
    const fileLines = lines.slice(at + 1 + entryCount, at + 1 + entryCount + fileCount);
    const release = {
      ...{ engine, version, platform, tree },
      entries: entryLines.map(entryOf),
      files: fileLines.map((line) => fileOf(line, head)),
    };
    checkRelease(release, digestOf);
    releases.push(release);
    at += 1 + entryCount + fileCount;
  }
  const names = new Set(releases.map(({ engine, version, platform }) => `${engine} ${version} ${platform}`));
  if (names.size !== releases.length) refuse("names a release twice");
  return { bytes: head.bytes, releases };
}

function linesOf(text: Uint8Array): readonly string[] {
  let decoded = "";
  try {
    decoded = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    refuse("is not UTF-8");
  }
  if (!decoded.endsWith("\n")) refuse("ends within a line");
  return decoded.slice(0, -1).split("\n");
}

function entryOf(line: string | undefined): EmbeddedEntry {
  const [kind = "", name = "", path = ""] = fields(line, "entry", 3);
  const isName = name === DEFAULT_ENTRY || nameProblem(name) === undefined;
  if (!isName || !/^[a-z-]{1,32}$/.test(kind)) refuse(`names an entry point ${quote(name)} that can be none`);
  return { name, kind, path };
}

function fileOf(line: string | undefined, head: { readonly bytes: number; readonly tableBytes: number }): EmbeddedFile {
  const [place = "", size = "", sha256 = "", mode = "", path = ""] = fields(line, "file", 5);
  const [offset, bytes] = [/^[0-9]{16}$/.test(place) ? Number(place) : Number.NaN, countOf(size)];
  if (!(offset >= head.tableBytes && offset + bytes <= head.bytes)) refuse(`has ${quote(path)} where it cannot be`);
  if (!isHash(sha256) || (mode !== "x" && mode !== "-")) refuse(`has a line on ${quote(path)} that cannot be read`);
  return { path, bytes, sha256, executable: mode === "x", offset };
}

/** The release is what its digest says: its files, sorted, and nothing else. */
function checkRelease(release: EmbeddedRelease, digestOf: (bytes: Uint8Array) => Sha256): void {
  const { engine, version, tree, files, entries } = release;
  checkTreePaths(files.map(({ path }) => path));
  if (digestOf(encodeTree(treeOf(release))) !== tree) {
    throw new EngineryError("tree-mismatch", `The files embedded as ${engine}@${version} are not those of its tree.`, {
      hint: "Do not use it; embed the engines anew.",
      context: { engine, version, tree },
    });
  }
  const paths = new Set(files.map(({ path }) => path));
  for (const { path } of entries) if (!paths.has(path)) refuse(`names an entry point ${quote(path)} that is not there`);
}

export function treeOf({ files }: Pick<ReleaseToEmbed, "files">): Tree {
  return {
    format: 1,
    files: files.map(({ path, bytes, sha256, executable }) => ({ path, bytes, sha256, executable })),
  };
}

/** The last of them may hold spaces. */
function fields(line: string | undefined, word: string, count: number): readonly string[] {
  const parts = (line ?? "").split(" ");
  if (parts.length < count + 1 || parts[0] !== word) refuse(`has a line that is no ${word}`);
  return [...parts.slice(1, count), parts.slice(count).join(" ")];
}

function countOf(text: string): number {
  const value = Number(text);
  if (!/^(?:0|[1-9][0-9]*)$/.test(text) || !Number.isSafeInteger(value)) refuse("holds a number that is none");
  return value;
}

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

function refuse(what: string): never {
  throw new EngineryError("document-invalid", `The section of engines ${what}.`, {
    hint: "Do not use it; embed the engines anew.",
  });
}
