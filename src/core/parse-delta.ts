import * as v from "valibot";
import { EngineryError } from "./errors.ts";
import { canonicalJson, parseJson } from "./json.ts";
import type { DeltaSegment, DeltaTable } from "./model/delta.ts";
import type { Tree } from "./model/tree.ts";
import { countShape, formatShape, positiveShape, sha256Shape, shaped } from "./shapes.ts";

/** What a client holds in memory for one segment is bounded by these, whatever a publisher signs. */
export const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
export const MAX_DICTIONARY_BYTES = 64 * 1024 * 1024;
export const MAX_TABLE_BYTES = 16 * 1024 * 1024;
const MIN_SEGMENT_BYTES = 64 * 1024;

/** Magic, then the length of the compressed table as four bytes, lowest first. Behind the table come the segments. */
export const DELTA_MAGIC = new TextEncoder().encode("ENGDELT1");
export const DELTA_HEAD_BYTES = DELTA_MAGIC.length + 4;
/** A dictionary that begins like this would be more than plain bytes to the decoder. */
export const DICTIONARY_MAGIC: readonly number[] = [0x37, 0xa4, 0x30, 0xec];

const tableShape = v.object({
  format: formatShape,
  from: sha256Shape,
  tree: sha256Shape,
  segmentBytes: positiveShape,
  segments: v.array(
    v.object({
      bytes: positiveShape,
      dictionary: v.exactOptional(
        v.object({
          sha256: sha256Shape,
          stretches: v.array(v.object({ file: countShape, offset: countShape, bytes: positiveShape })),
        }),
      ),
    }),
  ),
});

/** What the table is held against: both trees are signed. */
export interface DeltaFrame {
  readonly from: string;
  readonly tree: string;
  readonly old: Tree;
  /** Size of what the new tree has and the old one has not. */
  readonly freshBytes: number;
  /** Bytes of the delta behind its table. */
  readonly bodyBytes: number;
}

export function encodeDeltaTable(table: DeltaTable): Uint8Array {
  return canonicalJson(table);
}

/** The length of the compressed table. Errors: `document-invalid`. */
export function parseDeltaHead(head: Uint8Array): number {
  if (head.length < DELTA_HEAD_BYTES || DELTA_MAGIC.some((byte, index) => head[index] !== byte))
    refuse("It does not begin like one");
  return new DataView(head.buffer, head.byteOffset).getUint32(DELTA_MAGIC.length, true);
}

export function encodeDeltaHead(tableBytes: number): Uint8Array {
  const head = new Uint8Array(DELTA_HEAD_BYTES);
  head.set(DELTA_MAGIC);
  new DataView(head.buffer).setUint32(DELTA_MAGIC.length, tableBytes, true);
  return head;
}

/** Every size in it follows from what was signed. Errors: `document-invalid`. */
export function parseDeltaTable(bytes: Uint8Array, frame: DeltaFrame): DeltaTable {
  const json = parseJson(bytes, "The delta's table", { maxBytes: MAX_TABLE_BYTES, maxDepth: 8 });
  const table = shaped(tableShape, json, "The delta's table");
  if (table.from !== frame.from || table.tree !== frame.tree) refuse("It is between other releases");
  const { segmentBytes, segments } = table;
  if (segmentBytes < MIN_SEGMENT_BYTES || segmentBytes > MAX_SEGMENT_BYTES)
    refuse(`Its segments have ${segmentBytes} bytes`);
  if (segments.length !== Math.ceil(frame.freshBytes / segmentBytes))
    refuse(`It has ${segments.length} segments for ${frame.freshBytes} bytes`);
  for (const [index, segment] of segments.entries()) {
    checkSegment(segment, segmentContent(table, frame.freshBytes, index), frame.old);
  }
  const body = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  if (body !== frame.bodyBytes) refuse(`Its segments make up ${body} bytes instead of ${frame.bodyBytes}`);
  return table;
}

/** What a segment decompresses to. */
export function segmentContent({ segmentBytes }: DeltaTable, freshBytes: number, index: number): number {
  return Math.max(0, Math.min(segmentBytes, freshBytes - index * segmentBytes));
}

function checkSegment({ bytes, dictionary }: DeltaSegment, content: number, old: Tree): void {
  // what zstd makes of bytes that it cannot compress, and then some
  if (bytes > content + content / 128 + 1024) refuse(`A segment of ${content} bytes is compressed to ${bytes}`);
  if (dictionary === undefined) return;
  let total = 0;
  for (const stretch of dictionary.stretches) {
    const file = old.files[stretch.file];
    if (file === undefined || stretch.offset + stretch.bytes > file.bytes)
      refuse("It asks for more than the old files have");
    total += stretch.bytes;
  }
  if (total === 0 || total > MAX_DICTIONARY_BYTES) refuse(`A dictionary has ${total} bytes`);
}

function refuse(why: string): never {
  throw new EngineryError("document-invalid", `The delta is not usable: ${why}.`);
}
