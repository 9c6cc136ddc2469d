import { utf8Text } from "./json.ts";
import type { Tree, TreeFile } from "./model/tree.ts";

const HEAD = '{"files":[';
const TAIL = ',"format":1}';
const PLAIN_PATH = /^[ !#-[\]-~]*$/;
const HASH = /^[0-9a-f]{64}$/;
/** Canonical JSON of one file, and what comes behind it. A path with escapes, which no sound one has, is for the strict parser. */
const ROW =
  /\{"bytes":(0|[1-9][0-9]{0,15}),"executable":(true|false),"path":"([ !#-[\]-~\u0080-\uffff]*)","sha256":"([0-9a-f]{64})"\}([,\]])/y;

/**
 * The files of a tree in its one spelling, as every sound list has it: several times faster than the strict parser, which has the last word on
 * whatever is spelled otherwise. Undefined: it is. Sizes, order and paths are not looked at.
 */
export function treeRows(bytes: Uint8Array): readonly TreeFile[] | undefined {
  const text = utf8Text(bytes);
  if (text?.startsWith(HEAD) !== true) return undefined;
  const row = new RegExp(ROW);
  const files: TreeFile[] = [];
  row.lastIndex = HEAD.length;
  for (let end = ","; end === ","; ) {
    const found = row.exec(text);
    if (found === null) return undefined;
    const [, bytes, executable, path = "", sha256 = "", behind = ""] = found;

    if (!Number.isSafeInteger(Number(bytes))) return undefined;
    files.push({ path, bytes: Number(bytes), sha256, executable: executable === "true" });
    end = behind;
  }
  return text.length === row.lastIndex + TAIL.length && text.endsWith(TAIL) ? files : undefined;
}

/** The other way. Undefined where a member is anything but plain: for `canonicalJson`, which has the last word on that. */
export function spellTree(tree: Tree): string | undefined {
  let text = HEAD;
  for (const file of tree.files) {
    const { bytes, executable, path, sha256 } = file;
    if (!PLAIN_PATH.test(path) || !HASH.test(sha256) || !isSize(bytes)) return undefined;
    if (typeof executable !== "boolean" || Object.keys(file).length !== 4) return undefined;
    const comma = text.length === HEAD.length ? "" : ",";
    text += `${comma}{"bytes":${bytes},"executable":${executable},"path":"${path}","sha256":"${sha256}"}`;
  }
  return tree.format === 1 && Object.keys(tree).length === 2 ? `${text}]${TAIL}` : undefined;
}

function isSize(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && (bytes > 0 || Object.is(bytes, 0));
}
