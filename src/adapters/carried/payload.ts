import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import {
  FOOTER_BYTES,
  type PayloadFile,
  type PayloadTable,
  parseFooter,
  parsePayloadTable,
} from "../../core/carried-payload.ts";
import { EngineryError } from "../../core/errors.ts";
import { EMBEDDED } from "../../core/location.ts";
import type { Carried } from "../../ports/carried.ts";
import type { FetchedBody, FetchOptions } from "../../ports/fetcher.ts";
import { translateErrno } from "../errno.ts";
import { nodeDigester } from "../node-digester.ts";
import { payloadEnd, type ReadRange } from "./payload-end.ts";

const CHUNK_BYTES = 256 * 1024;
/** A path and two numbers take some 150 bytes: more than anybody embeds. */
const MAX_TABLE_BYTES = 64 * 1024 * 1024;

/** What a file carries behind itself, read by ranges. */
export interface Payload {
  /** Errors: `missing` where the root that is named is not among the files. */
  releases(): Carried;
  /** `path`: below the repository's base. Errors: `missing`, `length-mismatch`, `io`. */
  open(path: string, options: FetchOptions): FetchedBody;
}

export interface PayloadWords {
  /** sha256 of the table that the program was made with: one that was cut off, or carries another's, is found out. */
  readonly table?: string | undefined;
  /** Where it is read, if it can be: by its name another program may lie there by now. */
  readonly image?: string | undefined;
}

interface Program extends PayloadWords {
  readonly path: string;
}

/** Undefined where `path` carries nothing. Reads its head, its last bytes and the table. Errors: `document-invalid`, `io`. */
export function openPayload(path: string, words: PayloadWords = {}): Payload | undefined {
  const program = { path, ...words };
  const found = reading(program, (read, size) => {
    const end = payloadEnd(read, size);
    const footer = end < FOOTER_BYTES ? undefined : parseFooter(read(end - FOOTER_BYTES, FOOTER_BYTES), end);
    if (footer === undefined && words.table === undefined) return undefined;
    if (footer === undefined || footer.tableSha256 !== (words.table ?? footer.tableSha256)) throw damaged(program);
    if (footer.tableBytes > MAX_TABLE_BYTES) throw damaged(program);
    const bytes = read(end - FOOTER_BYTES - footer.tableBytes, footer.tableBytes);
    if (nodeDigester.sha256(bytes) !== footer.tableSha256) throw damaged(program);
    return { table: parsePayloadTable(bytes), start: end - footer.bytes, bytes: footer.bytes };
  });
  return found && payloadOf(program, found);
}

interface Found {
  readonly table: PayloadTable;
  readonly start: number;
  readonly bytes: number;
}

function payloadOf(program: Program, { table, start, bytes }: Found): Payload {
  function fileOf(path: string): PayloadFile {
    const file = Object.hasOwn(table.files, path) ? table.files[path] : undefined;
    if (file === undefined) {
      throw new EngineryError("missing", `${path} is not among what this program carries.`, { context: { path } });
    }
    if (file.offset + file.bytes > bytes) throw damaged(program);
    return file;
  }

  return {
    releases: () => {
      if (!Object.hasOwn(table.files, table.root)) throw damaged(program);
      const { offset, bytes } = fileOf(table.root);
      const root = reading(program, (read) => read(start + offset, bytes));
      return { channel: table.channel, root, releases: table.releases };
    },
    open: (path, options) => {
      const file = fileOf(path);
      const first = options.start ?? 0;
      if (file.bytes > (options.maxBytes ?? Number.POSITIVE_INFINITY)) {
        throw new EngineryError(
          "length-mismatch",
          `${EMBEDDED}${path} has ${file.bytes} bytes, more than the ${options.maxBytes} that are allowed.`,
          { context: { location: `${EMBEDDED}${path}`, maxBytes: options.maxBytes } },
        );
      }
      return { start: first, chunks: chunksOf(program, start + file.offset + first, start + file.offset + file.bytes) };
    },
  };
}

async function* chunksOf(program: Program, from: number, to: number): AsyncGenerator<Uint8Array> {
  const descriptor = opened(program);
  try {
    for (let at = from; at < to; ) {
      // a buffer of its own each: whoever takes it may keep it
      const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, to - at));
      readWhole(program, descriptor, chunk, at);
      at += chunk.length;
      yield chunk;
    }
  } finally {
    closeSync(descriptor);
  }
}

function reading<T>(program: Program, act: (read: ReadRange, size: number) => T): T {
  const descriptor = opened(program);
  try {
    const read: ReadRange = (offset, bytes) => readWhole(program, descriptor, Buffer.alloc(bytes), offset);
    return act(read, fstatSync(descriptor).size);
  } finally {
    closeSync(descriptor);
  }
}

function opened({ path, image }: Program): number {
  try {
    if (image !== undefined) return openSync(image, "r");
  } catch {
    // no /proc here: by its name, then
  }
  try {
    return openSync(path, "r");
  } catch (error) {
    throw translateErrno(error, "open", path);
  }
}

function readWhole(program: Program, descriptor: number, into: Buffer, offset: number): Buffer {
  let done = 0;
  try {
    while (done < into.length) {
      const count = readSync(descriptor, into, done, into.length - done, offset + done);
      if (count === 0) throw damaged(program);
      done += count;
    }
  } catch (error) {
    throw translateErrno(error, "read", program.path);
  }
  return into;
}

function damaged({ path }: Program): EngineryError {
  return new EngineryError("document-invalid", `What ${path} carries is cut off or damaged.`, {
    hint: "Take that program anew from where it came from.",
    context: { path },
  });
}
