import { randomBytes } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { ErrorCode } from "../../../src/core/errors.ts";
import { END, entry, gnuLong, pax, ZERO_BLOCK } from "./raw-tar.ts";
import type { Files } from "./unpacking.ts";

/** One input of the list "Inputs to refuse". The signed tree always has GOOD and, in a second run, `claimed` too. */
export interface ArchiveCase {
  readonly number: number;
  readonly name: string;
  readonly codes: readonly ErrorCode[];
  /** Uncompressed; comes after GOOD's entry, before an end mark unless `whole`. */
  readonly tar?: Uint8Array;
  readonly whole?: true;
  /** The archive as served, where the fault lies in the compression. */
  readonly archive?: { readonly format: "tar.zst" | "tar.gz"; readonly bytes: Uint8Array };
  /** Files that the signed tree claims to have: the fault must be refused even when it is signed for. */
  readonly claimed?: Files;
}

export const GOOD: Files = { good: "good content" };
export const GOOD_ENTRY = entry({ name: "good" }, "good content");
const GOOD_TAR = Buffer.concat([GOOD_ENTRY, END]);
const EVIL = "evil content";

const HOSTILE = ["archive-hostile"] as const;
const MALFORMED = ["archive-malformed"] as const;
const HOSTILE_OR_NOT_IN_TREE = ["archive-hostile", "tree-mismatch"] as const;

function path(number: number, name: string, evil: string): ArchiveCase {
  return { number, name, codes: HOSTILE, tar: entry({ name: evil }, EVIL), claimed: { [evil]: EVIL } };
}

function longPath(number: number, name: string, evil: string): ArchiveCase {
  const tar = Buffer.concat([pax([["path", evil]]), entry({ name: "short" }, EVIL)]);
  return { number, name, codes: HOSTILE, tar, claimed: { [evil]: EVIL } };
}

/** An entry of another kind, in a tree that claims an empty file of that name. */
function kind(
  number: number,
  name: string,
  type: string,
  link = "",
  more: Uint8Array = new Uint8Array(0),
): ArchiveCase {
  const tar = Buffer.concat([entry({ name: "evil", type, link }), more]);
  return { number, name, codes: HOSTILE, tar, claimed: { evil: "" } };
}

function header(number: number, name: string, tar: Uint8Array, codes: readonly ErrorCode[] = MALFORMED): ArchiveCase {
  return { number, name, codes, tar, claimed: { evil: EVIL } };
}

const bytes12 = (...bytes: number[]): Uint8Array => Uint8Array.from([...bytes, ...new Array(12).fill(0)].slice(0, 12));
const through = entry({ name: "evil/passwd" }, EVIL);

const PATHS_AND_LINKS: readonly ArchiveCase[] = [
  path(1, "../evil", "../evil"),
  path(2, "absolute path", "/etc/evil"),
  path(3, "a/b/../../../x", "a/b/../../../x"),
  kind(4, "symlink out, then write through it", "2", "/etc", through),
  kind(5, "relative symlink out", "2", "../../../etc", through),
  kind(6, "hardlink to /etc", "1", "/etc/passwd"),
  kind(7, "hardlink with .. from another base", "1", "a/../../etc/passwd"),
  kind(8, "hardlink through a symlink", "2", "/etc", entry({ name: "hard", type: "1", link: "evil/passwd" })),
  kind(9, "symlink and file of one name", "2", "/etc/passwd", entry({ name: "evil" }, EVIL)),
  kind(10, "hardlink before its target", "1", "later", entry({ name: "later" }, EVIL)),
  kind(11, "C:../ hardlink", "1", "C:../evil"),
  kind(12, "C:../ symlink", "2", "C:../evil"),
  path(13, "C:/ path", "C:/evil"),
  path(14, "UNC path", "//server/share/evil"),
  path(14, "UNC path with backslashes", "\\\\server\\share\\evil"),
  path(15, "..\\..\\x", "..\\..\\evil"),
  kind(16, "any symlink", "2", "good"),
  kind(17, "any hardlink", "1", "good"),
  header(17, "plain file that names something to link to", entry({ name: "evil", link: "good" }, EVIL), HOSTILE),
  header(
    18,
    "PAX linkpath",
    Buffer.concat([pax([["linkpath", "/etc/passwd"]]), entry({ name: "evil" }, EVIL)]),
    HOSTILE,
  ),
  {
    number: 19,
    name: "GNU longname with ..",
    codes: HOSTILE,
    tar: Buffer.concat([gnuLong("../../evil"), entry({ name: "evil" }, EVIL)]),
    claimed: { evil: EVIL },
  },
  longPath(20, "PAX path with ..", "../../evil"),
  {
    number: 21,
    name: "chain of folders and links over PATH_MAX",
    codes: HOSTILE,
    tar: Buffer.concat(
      Array.from({ length: 20 }, (_, index) => [
        pax([["path", `${"d".repeat(250)}/`.repeat(index + 1)]]),
        entry({ name: "d/", type: "5" }),
        entry({ name: `link${index}`, type: "2", link: "d".repeat(90) }),
      ]).flat(),
    ),
  },
];

const KINDS: readonly ArchiveCase[] = [
  kind(22, "character device", "3"),
  kind(23, "block device", "4"),
  kind(24, "FIFO", "6"),
  kind(25, "unknown kind", "Z"),
  kind(26, "contiguous file", "7"),
  {
    number: 30,
    name: "folder over a file",
    codes: ["tree-mismatch"],
    tar: Buffer.concat([entry({ name: "evil" }, EVIL), entry({ name: "evil/", type: "5" })]),
    claimed: { evil: EVIL },
  },
  {
    number: 31,
    name: "file over a folder",
    codes: ["tree-mismatch"],
    tar: Buffer.concat([entry({ name: "evil/", type: "5" }), entry({ name: "evil" }, EVIL)]),
    claimed: { "evil/inner": EVIL },
  },
];

const COLLISIONS: readonly ArchiveCase[] = [
  {
    number: 33,
    name: "one name twice",
    codes: HOSTILE_OR_NOT_IN_TREE,
    tar: Buffer.concat([entry({ name: "evil" }, EVIL), entry({ name: "evil" }, EVIL)]),
    claimed: { evil: EVIL },
  },
  pair(34, "Bin and bin", "Bin", "bin"),
  pair(35, "composed and decomposed", "\u00e9vil", "e\u0301vil"),
  path(36, "8.3 name", "PROGRA~1"),
  pair(37, "ß and ss", "stra\u00dfe", "strasse"),
];

function pair(number: number, name: string, one: string, other: string): ArchiveCase {
  const tar = Buffer.concat([entry({ name: one }, EVIL), entry({ name: other }, EVIL)]);
  return { number, name, codes: HOSTILE_OR_NOT_IN_TREE, tar, claimed: { [one]: EVIL, [other]: EVIL } };
}

const evil = entry({ name: "evil" }, EVIL);
const paxSize = (size: string): Buffer => pax([["size", size]]);

const HEADERS: readonly ArchiveCase[] = [
  header(38, "negative size", entry({ name: "evil", size: bytes12(0xff, ...new Array(10).fill(0xff), 0xf0) }, EVIL)),
  header(39, "8 GiB claimed in 1 KiB", entry({ name: "evil", size: 0o77777777777 }, EVIL), HOSTILE_OR_NOT_IN_TREE),
  header(40, "bad base-256 number", entry({ name: "evil", size: bytes12(0x81, 0, 12) }, EVIL)),
  header(
    40,
    "base-256 number beyond 2^53",
    entry({ name: "evil", size: bytes12(0x80, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff) }, EVIL),
  ),
  header(41, "PAX size unlike the ustar size", Buffer.concat([paxSize("2048"), evil])),
  header(42, "PAX size before a GNU long name", Buffer.concat([paxSize("12"), gnuLong("evil"), evil])),
  header(43, "NUL in a PAX path", Buffer.concat([pax([["path", "evil\0/../../etc"]]), evil]), HOSTILE),
  header(44, "NUL in PAX xattrs", Buffer.concat([pax([["SCHILY.xattr.user.a", "x\0y"]]), evil]), HOSTILE),
  header(
    45,
    "global header with path and owner",
    Buffer.concat([
      pax(
        [
          ["path", "global"],
          ["uid", "0"],
        ],
        "g",
      ),
      evil,
    ]),
    HOSTILE,
  ),
  header(46, "bad PAX record", Buffer.concat([entry({ name: "x", type: "x" }, "00000 path=evil\n"), evil])),
  header(47, "bad PAX mtime", Buffer.concat([pax([["mtime", "99999999999999999999999999"]]), evil])),
  header(47, "bad mtime in the header", entry({ name: "evil", mtime: "9999999999x\0" }, EVIL)),
  header(48, "1.5 MB of PAX", Buffer.concat([pax([["comment", "c".repeat(1_500_000)]]), evil])),
  header(49, "stacked PAX headers", Buffer.concat([pax([["path", "a"]]), pax([["path", "evil"]]), evil])),
  header(
    49,
    "one PAX key twice",
    Buffer.concat([
      pax([
        ["path", "good2"],
        ["path", "evil"],
      ]),
      evil,
    ]),
  ),
  header(50, "stacked GNU headers", Buffer.concat([gnuLong("a"), gnuLong("evil"), evil])),
  header(51, "GNU long name with a NUL within", Buffer.concat([gnuLong("evil\0/../x"), evil]), HOSTILE),
  header(52, "GNU sparse file", entry({ name: "evil", type: "S", magic: "ustar  \0" }, EVIL), HOSTILE),
  header(
    52,
    "PAX sparse file",
    Buffer.concat([
      pax([
        ["GNU.sparse.major", "1"],
        ["GNU.sparse.realsize", "9"],
      ]),
      evil,
    ]),
    HOSTILE,
  ),
  header(53, "name that is not UTF-8", entry({ name: Uint8Array.from([0xff, 0xfe, 0x80]) }, EVIL)),
  header(
    54,
    "PAX record whose length runs past the header",
    Buffer.concat([entry({ name: "x", type: "x" }, "999999999 a=b\n"), evil]),
  ),
  header(55, "PAX record without a key", Buffer.concat([entry({ name: "x", type: "x" }, "5 =a\n"), evil])),
  header(56, "numbers that are not octal", entry({ name: "evil", size: Buffer.from("999999999999") }, EVIL)),
  header(56, "no magic", entry({ name: "evil", magic: "" }, EVIL)),
  header(56, "folder with content", entry({ name: "evil/", type: "5" }, EVIL)),
  header(56, "file whose name ends with a slash", entry({ name: "evil/" }, EVIL)),
  header(57, "bad checksum", entry({ name: "evil", checksum: 1 }, EVIL)),
  header(58, "random bytes", randomBytes(4096)),
  { number: 59, name: "nothing at all", codes: MALFORMED, tar: new Uint8Array(0), whole: true },
  { number: 59, name: "no end mark", codes: MALFORMED, tar: GOOD_ENTRY, whole: true },
  { number: 60, name: "zeros only", codes: ["tree-mismatch"], tar: Buffer.alloc(10_240), whole: true },
  header(61, "empty name", entry({ name: "" }, EVIL)),
  {
    number: 62,
    name: "cut inside an entry",
    codes: MALFORMED,
    tar: entry({ name: "good" }, "good content").subarray(0, 600),
    whole: true,
  },
  {
    number: 63,
    name: "data after the end mark",
    codes: MALFORMED,
    tar: Buffer.concat([GOOD_TAR, evil, END]),
    whole: true,
  },
  {
    number: 63,
    name: "a byte after the end mark",
    codes: MALFORMED,
    tar: Buffer.concat([GOOD_TAR, Buffer.from("x")]),
    whole: true,
  },
  header(64, "lone zero block, then entries", Buffer.concat([ZERO_BLOCK, evil])),
  header(
    65,
    "malformed PAX that others skip",
    Buffer.concat([entry({ name: "x", type: "x" }, "12 path=evil\nrubbish"), evil]),
  ),
];

const deep = Array.from({ length: 2000 }, () => "d").join("/");

const SIZES: readonly ArchiveCase[] = [
  bomb(66, "tar.gz", gzipSync(Buffer.concat([GOOD_ENTRY, Buffer.alloc(50_000_000)]))),
  header(
    67,
    "20,000 entries beyond the tree",
    Buffer.concat(Array.from({ length: 20_000 }, (_, index) => entry({ name: `e${index}` }))),
    ["tree-mismatch"],
  ),
  bomb(68, "tar.zst", zstdCompressSync(Buffer.concat([GOOD_ENTRY, Buffer.alloc(50_000_000)]))),
  longPath(69, "300-byte component", "c".repeat(300)),
  longPath(70, "5,000-byte path", `${"long/".repeat(1000)}x`),
  longPath(71, "2,000 folders deep", deep),
  longPath(71, "100 folders deep", `${"d/".repeat(100)}x`),
  longPath(72, "60,000-byte path", `${"n/".repeat(30_000)}x`),
];

function bomb(number: number, format: "tar.zst" | "tar.gz", bytes: Uint8Array): ArchiveCase {
  return { number, name: `${format} bomb`, codes: HOSTILE, archive: { format, bytes } };
}

function squeezed(number: number, name: string, format: "tar.zst" | "tar.gz", bytes: Uint8Array): ArchiveCase {
  return { number, name: `${name} (${format})`, codes: MALFORMED, archive: { format, bytes } };
}

const gzip = gzipSync(GOOD_TAR);
const zstd = zstdCompressSync(GOOD_TAR, { params: { 201: 1 } });
const altered = (bytes: Uint8Array, fromEnd: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[copy.length - fromEnd] = (copy[copy.length - fromEnd] ?? 0) ^ 0xff;
  return copy;
};
const SKIPPABLE = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);

const COMPRESSION: readonly ArchiveCase[] = [
  squeezed(73, "cut short", "tar.gz", gzip.subarray(0, -20)),
  squeezed(73, "cut before its trailer", "tar.gz", gzip.subarray(0, -8)),
  squeezed(73, "cut short", "tar.zst", zstd.subarray(0, -10)),
  squeezed(73, "without its checksum", "tar.zst", zstd.subarray(0, -4)),
  squeezed(74, "bad CRC", "tar.gz", altered(gzip, 8)),
  squeezed(74, "bad length", "tar.gz", altered(gzip, 1)),
  squeezed(74, "bad checksum", "tar.zst", altered(zstd, 1)),
  squeezed(75, "trailing bytes", "tar.gz", Buffer.concat([gzip, Buffer.from("trailing")])),
  squeezed(75, "trailing zeros", "tar.gz", Buffer.concat([gzip, Buffer.alloc(64)])),
  squeezed(75, "trailing bytes", "tar.zst", Buffer.concat([zstd, Buffer.from("trailing")])),
  squeezed(75, "trailing skippable frame", "tar.zst", Buffer.concat([zstd, SKIPPABLE])),
  squeezed(75, "skippable frame before", "tar.zst", Buffer.concat([SKIPPABLE, zstd])),
  squeezed(76, "two members", "tar.gz", Buffer.concat([gzip, gzip])),
  squeezed(76, "two members that make one tar", "tar.gz", Buffer.concat([gzipSync(GOOD_ENTRY), gzipSync(END)])),
  squeezed(76, "two frames", "tar.zst", Buffer.concat([zstd, zstd])),
  squeezed(
    76,
    "two frames that make one tar",
    "tar.zst",
    Buffer.concat([zstdCompressSync(GOOD_ENTRY), zstdCompressSync(END)]),
  ),
  squeezed(76, "gzip under the name of zstd", "tar.zst", gzip),
  squeezed(76, "zstd under the name of gzip", "tar.gz", zstd),
];

export const ARCHIVE_CASES: readonly ArchiveCase[] = [
  ...PATHS_AND_LINKS,
  ...KINDS,
  ...COLLISIONS,
  ...HEADERS,
  ...SIZES,
  ...COMPRESSION,
];
