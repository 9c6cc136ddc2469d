import { createHash } from "node:crypto";
import { setImmediate as immediate } from "node:timers/promises";
import { constants, zstdDecompress } from "node:zlib";
import type { FreshContent } from "../../core/delta-content.ts";
import { EngineryError } from "../../core/errors.ts";
import type { DeltaDictionary, DeltaTable } from "../../core/model/delta.ts";
import {
  DELTA_HEAD_BYTES,
  DICTIONARY_MAGIC,
  MAX_TABLE_BYTES,
  parseDeltaHead,
  parseDeltaTable,
  segmentContent,
} from "../../core/parse-delta.ts";
import type { ApplyRequest, DeltaReader, ReadOld } from "../../ports/delta.ts";
import { type CheckedFile, openFile } from "../archive/checked-file.ts";
import { createCompression } from "../archive/compression.ts";
import { createFrameWalker, MAX_WINDOW_LOG } from "../archive/zstd-frame.ts";
import { byteReader } from "./byte-reader.ts";

export function createDeltaReader(): DeltaReader {
  return { apply };
}

async function apply(request: ApplyRequest): Promise<void> {
  const { difference, readOld, onSegment } = request;
  const { freshBytes } = difference;
  const input = byteReader(request.chunks, request.bytes);
  const table = readTable(request, input);
  const files = freshFiles(difference.fresh, request.sink);
  // one for all segments: each new one would wait for the collector
  const room = new Uint8Array(Math.max(0, ...table.segments.map(({ dictionary }) => lengthOf(dictionary))));
  try {
    for (const [index, segment] of table.segments.entries()) {
      const content = segmentContent(table, freshBytes, index);
      const dictionary = segment.dictionary && readDictionary(segment.dictionary, readOld, room);
      files.write(await beside(decompress(input.take(segment.bytes), content, dictionary), request.meanwhile));
      onSegment?.(segment.bytes);
    }
    files.end();
  } catch (error) {
    files.abandon();
    throw error;
  }
}

/** Does other work until what is under way elsewhere is done. */
async function beside<T>(underWay: Promise<T>, meanwhile: (() => boolean) | undefined): Promise<T> {
  let isOver = meanwhile === undefined;
  const over = () => {
    isOver = true;
  };
  underWay.then(over, over);
  while (!isOver && meanwhile?.() === true) await immediate();
  return await underWay;
}

function readTable(request: ApplyRequest, input: ReturnType<typeof byteReader>): DeltaTable {
  const tableBytes = parseDeltaHead(input.take(DELTA_HEAD_BYTES));
  const bodyBytes = request.bytes - DELTA_HEAD_BYTES - tableBytes;
  if (bodyBytes < 0) throw unusable("its table is longer than all of it");
  const bytes = createCompression().decompress(input.take(tableBytes), MAX_TABLE_BYTES);
  const { from, tree, old, difference } = request;
  return parseDeltaTable(bytes, { from, tree, old, freshBytes: difference.freshBytes, bodyBytes });
}

/** Hashed before the decoder sees any of it: an installation with a flipped bit spreads nothing. */
function readDictionary(said: DeltaDictionary, readOld: ReadOld, room: Uint8Array): Uint8Array {
  const { sha256, stretches } = said;
  const dictionary = room.subarray(0, lengthOf(said));
  let position = 0;
  for (const { file, offset, bytes } of stretches) {
    readOld(file, offset, dictionary.subarray(position, position + bytes));
    position += bytes;
  }
  const found = createHash("sha256").update(dictionary).digest("hex");
  if (found !== sha256)
    throw new EngineryError("hash-mismatch", "An installed file is not what the delta builds upon.", {
      context: { expected: sha256, found },
    });
  if (DICTIONARY_MAGIC.every((byte, index) => dictionary[index] === byte))
    throw unusable("one of its dictionaries is more than plain bytes");
  return dictionary;
}

function lengthOf(dictionary: DeltaDictionary | undefined): number {
  return (dictionary?.stretches ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** One frame, to exactly `content` bytes. */
async function decompress(frame: Uint8Array, content: number, dictionary?: Uint8Array): Promise<Uint8Array> {
  const walker = createFrameWalker((why) => {
    throw unusable(why);
  });
  walker.push(frame);
  walker.end();
  const options = {
    params: { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG },
    chunkSize: Math.max(content, 1024),
    maxOutputLength: content + 1,
    ...(dictionary === undefined ? {} : { dictionary }),
  };
  const bytes = await new Promise<Uint8Array>((resolve, reject) =>
    zstdDecompress(frame, options, (error, result) => {
      if (error === null) resolve(result);
      else reject(unusable(`a segment does not decompress (${error.message})`, error));
    }),
  );
  if (bytes.length !== content) throw unusable(`a segment has ${bytes.length} bytes instead of ${content}`);
  return bytes;
}

/** What the segments hold, one behind the other, into the files that hold it. */
function freshFiles(fresh: readonly FreshContent[], sink: ApplyRequest["sink"]) {
  const left = fresh.values();
  let open: { readonly files: readonly CheckedFile[]; missing: number } | undefined;

  function next(): boolean {
    const { value: content } = left.next();
    if (content === undefined) return false;
    open = { files: content.files.map((file) => openFile(file, sink)), missing: content.bytes };
    return true;
  }

  function finish(): void {
    while (open?.missing === 0) {
      for (const file of open.files) file.finish();
      open = undefined;
      next();
    }
  }

  return {
    write: (bytes: Uint8Array) => {
      for (let position = 0; position < bytes.length; ) {
        if (open === undefined && !next()) throw unusable("it holds more than the new files do");
        finish();
        if (open === undefined) continue;
        const part = bytes.subarray(position, position + open.missing);
        for (const file of open.files) file.write(part);
        open.missing -= part.length;
        position += part.length;
        finish();
      }
    },
    /** Files without a byte are in no segment. */
    end: () => {
      if (open === undefined) next();
      finish();
      if (open !== undefined) throw unusable("it ends before the new files do");
    },
    abandon: () => {
      for (const file of open?.files ?? []) file.abandon();
    },
  };
}

function unusable(why: string, cause?: unknown): EngineryError {
  return new EngineryError("document-invalid", `The delta is not usable: ${why}.`, { cause });
}
