import { createHash } from "node:crypto";
import { constants, zstdCompress } from "node:zlib";
import { type Anchors, anchorScanner, shiftOf } from "../../core/content-anchors.ts";
import { type ContentPart, type PlannedSegment, planSegments, SEGMENT_BYTES } from "../../core/delta-segments.ts";
import type { DeltaSegment, Stretch } from "../../core/model/delta.ts";
import { DICTIONARY_MAGIC, encodeDeltaHead, encodeDeltaTable } from "../../core/parse-delta.ts";
import type { DeltaWriter, MakeRequest } from "../../ports/delta.ts";
import { createCompression, ZSTD_LEVEL } from "../archive/compression.ts";

/** Smaller ones lie within the first window whole. */
const LEAST_SCANNED = 2 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;
/** Two compress side by side; the outcome does not depend on it. */
const AT_ONCE = 2;
/** Fixed: the binary tree holds every place of the dictionary and the segment, so that nothing alike is missed. */
const PARAMS = {
  [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
  [constants.ZSTD_c_windowLog]: 25,
  [constants.ZSTD_c_chainLog]: 26,
  [constants.ZSTD_c_hashLog]: 24,
  [constants.ZSTD_c_contentSizeFlag]: 1,
  [constants.ZSTD_c_checksumFlag]: 0,
  [constants.ZSTD_c_nbWorkers]: 0,
} as const;

export function createDeltaWriter(): DeltaWriter {
  return { make };
}

async function make(request: MakeRequest): Promise<Uint8Array | undefined> {
  const { old, difference, from, tree, maxBytes } = request;
  const plan = planSegments(old, difference.fresh, shifts(request));
  const done: { readonly segment: DeltaSegment; readonly frame: Uint8Array }[] = [];
  let bytes = 0;
  for (let index = 0; index < plan.length; index += AT_ONCE) {
    const some = await Promise.all(plan.slice(index, index + AT_ONCE).map((each) => compressed(request, each)));
    done.push(...some);
    bytes += some.reduce((sum, { frame }) => sum + frame.length, 0);
    if (bytes > maxBytes) return undefined;
  }
  const segments = done.map(({ segment }) => segment);
  const table = encodeDeltaTable({ format: 1, from, tree, segmentBytes: SEGMENT_BYTES, segments });
  const packed = createCompression().compress(table);
  const whole = Buffer.concat([encodeDeltaHead(packed.length), packed, ...done.map(({ frame }) => frame)]);
  return whole.length > maxBytes ? undefined : whole;
}

async function compressed(request: MakeRequest, { parts, stretches }: PlannedSegment) {
  const content = gathered(parts, (part, into) => request.readNew(part.fresh, part.start, into));
  const { dictionary, plain } = readDictionary(request, stretches);
  const options = {
    params: PARAMS,
    pledgedSrcSize: content.length,
    ...(dictionary.length === 0 ? {} : { dictionary }),
  };
  const frame = await new Promise<Uint8Array>((resolve, reject) =>
    zstdCompress(content, options, (error, result) => (error === null ? resolve(result) : reject(error))),
  );
  const sha256 = createHash("sha256").update(dictionary).digest("hex");
  const segment: DeltaSegment = {
    bytes: frame.length,
    ...(dictionary.length === 0 ? {} : { dictionary: { sha256, stretches: plain } }),
  };
  return { segment, frame };
}

/** Never begins with the magic number of a dictionary that is more than plain bytes. */
function readDictionary({ readOld }: MakeRequest, stretches: readonly Stretch[]) {
  const read = (some: readonly Stretch[]) =>
    gathered(
      some.map((stretch) => ({ ...stretch, start: stretch.offset, end: stretch.offset + stretch.bytes })),
      (stretch, into) => readOld(stretch.file, stretch.offset, into),
    );
  const dictionary = read(stretches);
  if (!DICTIONARY_MAGIC.every((byte, index) => dictionary[index] === byte)) return { dictionary, plain: stretches };
  const [first, ...others] = stretches as [Stretch, ...Stretch[]];
  const shorter = { ...first, offset: first.offset + 1, bytes: first.bytes - 1 };
  const plain = shorter.bytes === 0 ? others : [shorter, ...others];
  return { dictionary: read(plain), plain };
}

function gathered<Part extends { readonly start: number; readonly end: number }>(
  parts: readonly Part[],
  read: (part: Part, into: Uint8Array) => void,
): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { start, end }) => sum + end - start, 0));
  let position = 0;
  for (const part of parts) {
    const length = part.end - part.start;
    read(part, whole.subarray(position, position + length));
    position += length;
  }
  return whole;
}

function shifts({ old, difference, readOld, readNew }: MakeRequest) {
  const ofOld = new Map<number, Anchors>();
  const ofNew = new Map<number, Anchors>();
  return (part: ContentPart, file: number): number | undefined => {
    const oldBytes = old.files[file]?.bytes ?? 0;
    const newBytes = difference.fresh[part.fresh]?.bytes ?? 0;
    if (oldBytes < LEAST_SCANNED || newBytes < LEAST_SCANNED) return undefined;
    const before = ofOld.get(file) ?? scanned(oldBytes, (offset, into) => readOld(file, offset, into));
    const after = ofNew.get(part.fresh) ?? scanned(newBytes, (offset, into) => readNew(part.fresh, offset, into));
    ofOld.set(file, before);
    ofNew.set(part.fresh, after);
    return shiftOf(before, after, part.start, part.end);
  };
}

function scanned(bytes: number, read: (offset: number, into: Uint8Array) => void): Anchors {
  const scanner = anchorScanner();
  const buffer = new Uint8Array(READ_BYTES);
  for (let offset = 0; offset < bytes; offset += READ_BYTES) {
    const chunk = buffer.subarray(0, Math.min(READ_BYTES, bytes - offset));
    read(offset, chunk);
    scanner.push(chunk);
  }
  return scanner.finish();
}
