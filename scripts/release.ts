// Makes the folder of a release, for any static web server: `node scripts/release.ts OUT --file PLATFORM=FILE... [--root FILE] [--key FILE]
// [--from URL] [--repository URL]`. In it: the single files, compressed where that is smaller, what each is made of and licensed under, the
// scripts that install them, the trusted root, SHA256SUMS and its signature.
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { VERSION } from "../src/cli/version.ts";
import { plainly, WrongWords } from "./plain-errors.ts";

const SUMS = "SHA256SUMS";
const SIGNATURE = `${SUMS}.sig`;
/** Whoever asks meanwhile finds files that the list does not name, and never a list of files that are not there. */
const LAST = [SIGNATURE, SUMS];
const DRAFT = ".draft";
const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface ReleaseParts {
  readonly folder: string;
  readonly version: string;
  /** From platforms to files. */
  readonly files: ReadonlyMap<string, string>;
  /** The trusted root of the channel that later releases come from. */
  readonly root?: string | undefined;
  /** A private ed25519 key, PEM. */
  readonly key?: string | undefined;
  /** Where the folder will be served. */
  readonly from?: string | undefined;
  /** Where the channel is served; default: `repository` in that place. */
  readonly repository?: string | undefined;
  /** Left out: as small as can be, which takes minutes for a real single file. */
  readonly compress?: false | undefined;
}

/**
 * Writes all files of a release; the same parts make the same bytes. They take the place of an earlier release's once they are whole, the list
 * last; whatever else lies in the folder, a repository, stays.
 */
export function makeRelease(parts: ReleaseParts): void {
  const { folder } = parts;
  const before = releaseIn(folder);
  const madeFolder = mkdirSync(folder, { recursive: true });
  // a rename is of one file system, and what died before it was done goes with the next
  const draft = join(folder, DRAFT);
  rmSync(draft, { recursive: true, force: true });
  try {
    writeRelease({ ...parts, folder: draft });
    place(draft, folder, before);
    rmSync(draft, { recursive: true });
  } catch (error) {
    rmSync(madeFolder ?? draft, { recursive: true, force: true });
    throw error;
  }
}

function place(draft: string, folder: string, before: readonly string[]): void {
  const made = readdirSync(draft).sort((one, other) => LAST.indexOf(one) - LAST.indexOf(other));
  for (const name of made) renameSync(join(draft, name), join(folder, name));
  for (const name of before) if (!made.includes(name)) rmSync(join(folder, name), { force: true });
}

function writeRelease(parts: ReleaseParts): void {
  const { folder, version, files, root, key } = parts;
  mkdirSync(folder, { recursive: true });
  for (const [platform, file] of files) addFile(parts, `enginery-${version}-${platform}`, platform, file);
  if (root !== undefined) copyFileSync(root, join(folder, "root.json"));
  for (const script of ["install.sh", "install.ps1"]) {
    writeFileSync(join(folder, script), filledIn(readFileSync(join(ROOT, script), "utf8"), parts), { mode: 0o755 });
  }
  const sums = readdirSync(folder)
    .sort()
    .map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`)
    .join("");
  writeFileSync(join(folder, SUMS), sums);
  if (key !== undefined) writeFileSync(join(folder, SIGNATURE), sign(null, Buffer.from(sums), readFileSync(key)));
}

/** The files of the release that lies there; none in an empty folder, or beside a repository alone. Elsewhere nothing is written. */
function releaseIn(folder: string): readonly string[] {
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => name !== DRAFT) : [];
  const listed = found.includes(SUMS) ? listedIn(join(folder, SUMS)) : [];
  if (listed.includes("install.sh") && listed.some((name) => name.startsWith("enginery-"))) return [...listed, ...LAST];
  if (found.every((name) => name === "repository")) return [];
  throw new Error(`${folder} holds other things than a release: name an empty folder, or none yet.`);
}

function listedIn(sums: string): readonly string[] {
  const lines = readFileSync(sums, "utf8").split("\n");
  return lines.flatMap((line) => /^[0-9a-f]{64} {2}([\w.+-]+)$/.exec(line)?.[1] ?? []);
}

function addFile({ folder, compress }: ReleaseParts, name: string, platform: string, file: string): void {
  const place = join(folder, platform.startsWith("win32") ? `${name}.exe` : name);
  copyFileSync(file, place);
  // what build:sea laid beside it
  for (const ending of [".cdx.json", ".licences.txt"]) {
    if (existsSync(file + ending)) copyFileSync(file + ending, place + ending);
  }
  if (compress === false) return;
  const bytes = readFileSync(place);
  const compressed = {
    ".gz": gzipSync(bytes, { level: 9 }),
    ".zst": zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }),
  };
  for (const [suffix, content] of Object.entries(compressed)) {
    if (content.length < bytes.length) writeFileSync(place + suffix, content);
  }
}

/** The scripts know where they come from, and whose signature to ask for. */
function filledIn(text: string, { from = "", repository = "", key }: ReleaseParts): string {
  const publicKey = key === undefined ? "" : createPublicKey(createPrivateKey(readFileSync(key)));
  const body = publicKey === "" ? "" : publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const values = { RELEASE_FROM: from, RELEASE_REPOSITORY: repository, RELEASE_KEY: body };
  return Object.entries(values).reduce((filled, [name, value]) => {
    if (/['\n]/.test(value)) throw new Error(`${name} cannot be written into a script: ${value}`);
    return filled.replace(
      new RegExp(`^( *\\$?)${name}( ?= ?)''$`, "m"),
      `$1${name}$2'${value.replaceAll("$", "$$$$")}'`,
    );
  }, text);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const usage =
    "node scripts/release.ts OUT --file PLATFORM=FILE... [--root FILE] [--key FILE] [--from URL] [--repository URL]";
  await plainly("release", usage, () => makeRelease(partsOf(process.argv.slice(2))));
}

function partsOf(args: readonly string[]): ReleaseParts {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      file: { type: "string", multiple: true, default: [] },
      root: { type: "string" },
      key: { type: "string" },
      from: { type: "string" },
      repository: { type: "string" },
    },
  });
  const [folder, more] = positionals;
  const files = new Map(values.file.map(platformAndFile));
  if (folder === undefined || files.size === 0)
    throw new WrongWords("Say where, and --file PLATFORM=FILE at least once.");
  if (more !== undefined) throw new WrongWords(`What is ${more}?`);
  if (files.size < values.file.length) throw new WrongWords("One platform is named twice.");
  return { ...values, folder, version: VERSION, files };
}

/** `linux-x64=./a=b`: the first `=` alone parts the two. */
function platformAndFile(word: string): [string, string] {
  const [, platform, file] = /^([a-z0-9]+(?:-[a-z0-9]+)+)=(.+)$/s.exec(word) ?? [];
  if (platform === undefined || file === undefined)
    throw new WrongWords(`--file takes PLATFORM=FILE, and not ${word}.`);
  return [platform, file];
}
