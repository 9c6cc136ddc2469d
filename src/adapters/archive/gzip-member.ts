import { crc32 } from "node:zlib";
import { malformed } from "./refusal.ts";

const FLAG = { headerCrc: 0x02, extra: 0x04, name: 0x08, comment: 0x10, reserved: 0xe0 } as const;
const TRAILER_BYTES = 8;
/** Header with names and extra fields; far more than any writer makes. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * One gzip member (RFC 1952) taken apart, because Node's gunzip reads on into a second member and lets zeros follow: the deflate
 * stream within goes to a raw decoder, which then must have used up exactly those bytes.
 */
export class GzipMember {
  #total: number;
  #received = 0;
  #header: Uint8Array | undefined = new Uint8Array(0);
  #deflateStart = 0;
  #trailer: Uint8Array = new Uint8Array(0);
  #crc = 0;
  #size = 0;

  /** `total`: bytes of the whole archive. */
  constructor(total: number) {
    this.#total = total;
  }

  /** The part of `bytes`, which come in order, that is deflate data. */
  deflated(bytes: Uint8Array): Uint8Array {
    const start = this.#received;
    this.#received += bytes.length;
    const trailerStart = this.#total - TRAILER_BYTES;
    if (this.#received > trailerStart) {
      this.#trailer = Buffer.concat([this.#trailer, bytes.subarray(Math.max(0, trailerStart - start))]);
    }
    const body = bytes.subarray(0, Math.max(0, trailerStart - start));
    return this.#header === undefined ? body : this.#afterHeader(body);
  }

  /** Told of every decompressed chunk. */
  inflated(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#size = (this.#size + bytes.length) % 2 ** 32;
  }

  /** `consumed`: deflate bytes that the decoder used before it was done. */
  requireEnd(consumed: number): void {
    const expected = this.#total - TRAILER_BYTES - this.#deflateStart;
    if (this.#header !== undefined || this.#trailer.length !== TRAILER_BYTES)
      throw malformed("its gzip data is cut short");
    if (consumed !== expected) throw malformed("something follows its one gzip member");
    const trailer = new DataView(this.#trailer.buffer, this.#trailer.byteOffset, TRAILER_BYTES);
    if (trailer.getUint32(0, true) !== this.#crc) throw malformed("its gzip checksum is wrong");
    if (trailer.getUint32(4, true) !== this.#size) throw malformed("its gzip length is wrong");
  }

  #afterHeader(bytes: Uint8Array): Uint8Array {
    const known = Buffer.concat([this.#header ?? new Uint8Array(0), bytes]);
    const length = headerLength(known);
    if (length === undefined) {
      if (known.length > MAX_HEADER_BYTES) throw malformed("its gzip header is too long");
      this.#header = known;
      return known.subarray(0, 0);
    }
    this.#header = undefined;
    this.#deflateStart = length;
    return known.subarray(length);
  }
}

/** Undefined while more bytes are needed. */
function headerLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < 10) return undefined;
  const flags = bytes[3] ?? 0;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) throw malformed("it does not begin with a gzip member");
  if ((flags & FLAG.reserved) !== 0) throw malformed("its gzip header uses a reserved bit");
  let length = 10;
  if ((flags & FLAG.extra) !== 0) {
    if (bytes.length < length + 2) return undefined;
    length += 2 + (bytes[length] ?? 0) + (bytes[length + 1] ?? 0) * 256;
  }
  for (const flag of [FLAG.name, FLAG.comment]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, length);
    if (end === -1) return undefined;
    length = end + 1;
  }
  if ((flags & FLAG.headerCrc) !== 0) length += 2;
  return bytes.length < length ? undefined : length;
}
