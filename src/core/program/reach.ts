import { EngineryError } from "../errors.ts";

/** A file, read where it is asked for. */
export interface ByteSource {
  readonly bytes: number;
  /** Bytes read into `into` from `position`; 0 at the end. */
  read(into: Uint8Array, position: number): number;
}

const PAGE_BYTES = 4096;
/** More is not read of one file, whatever it says: headers and their names take far less. */
const MAX_PAGES = 1024;
const MAX_TEXT_BYTES = 4096;
const MAX_ALL_TEXTS_BYTES = 1024 * 1024;

/**
 * Numbers and texts out of a foreign file, page by page as they are asked for: 4 MiB of it at the most. Whatever lies beyond its end, or is too
 * much, ends it. Errors: `document-invalid`, the message as the end of a sentence that begins with the file.
 */
export class Reach {
  readonly bytes: number;
  readonly #source: ByteSource;
  readonly #little: boolean;
  readonly #read: { readonly pages: Map<number, Uint8Array>; textBytes: number };

  /** `from`: another reach into the same file, whose pages and limits it shares. */
  constructor(source: ByteSource, little: boolean, from?: Reach) {
    this.#source = source;
    this.#little = little;
    this.bytes = from?.bytes ?? source.bytes;
    this.#read = from === undefined ? { pages: new Map(), textBytes: 0 } : from.#read;
  }

  withOrder(little: boolean): Reach {
    return new Reach(this.#source, little, this);
  }

  u8(at: number): number {
    return this.#view(at, 1).getUint8(0);
  }

  u16(at: number): number {
    return this.#view(at, 2).getUint16(0, this.#little);
  }

  u32(at: number): number {
    return this.#view(at, 4).getUint32(0, this.#little);
  }

  /** Above 2^53 no longer exact, and then beyond the end of any file. */
  u64(at: number): number {
    return Number(this.#view(at, 8).getBigUint64(0, this.#little));
  }

  /** A copy. */
  slice(at: number, length: number): Uint8Array {
    if (!(at >= 0 && length >= 0 && at + length <= this.bytes)) throw unreadable("points beyond its end");
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const part = this.#part(at + done, length - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  /** Up to the next NUL, which must come before `end`. */
  text(at: number, end = this.bytes): string {
    const limit = Math.min(end, this.bytes, at + MAX_TEXT_BYTES);
    if (!(at >= 0 && at < limit)) throw unreadable("names something beyond its end");
    for (let place = at; place < limit; ) {
      const part = this.#part(place, limit - place);
      const found = part.indexOf(0);
      place += found < 0 ? part.length : found;
      if (found >= 0) return this.#decoded(this.slice(at, place - at));
    }
    throw unreadable("holds a name without an end");
  }

  #decoded(bytes: Uint8Array): string {
    this.#read.textBytes += bytes.length;
    if (this.#read.textBytes > MAX_ALL_TEXTS_BYTES) throw unreadable("holds too many names");
    return new TextDecoder().decode(bytes);
  }

  #view(at: number, length: number): DataView {
    const offset = at % PAGE_BYTES;
    const isWithin = at >= 0 && at + length <= this.bytes && offset + length <= PAGE_BYTES;
    const bytes = isWithin ? this.#part(at, length) : this.slice(at, length);
    if (bytes.length < length) throw unreadable("is shorter than it was");
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  /** As much of `length` bytes as lies in the page of the first, one byte at least. */
  #part(at: number, length: number): Uint8Array {
    const offset = at % PAGE_BYTES;
    const part = this.#page((at - offset) / PAGE_BYTES).subarray(offset, offset + length);
    if (part.length === 0) throw unreadable("is shorter than it was");
    return part;
  }

  #page(number: number): Uint8Array {
    const { pages } = this.#read;
    const known = pages.get(number);
    if (known !== undefined) return known;
    if (pages.size >= MAX_PAGES) throw unreadable("has headers in too many places");
    const page = new Uint8Array(PAGE_BYTES);
    let filled = 0;
    for (let got = -1; got !== 0 && filled < PAGE_BYTES; filled += got) {
      got = this.#source.read(page.subarray(filled), number * PAGE_BYTES + filled);
    }
    const whole = page.subarray(0, filled);
    pages.set(number, whole);
    return whole;
  }
}

/** `what` as the end of a sentence that begins with the file. */
export function unreadable(what: string): EngineryError {
  return new EngineryError("document-invalid", what);
}
