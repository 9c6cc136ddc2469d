import type { createInflateRaw, createZstdDecompress } from "node:zlib";

/** What an output buffer holds: of a slice there seldom comes more, and no more of it is touched than comes. */
export const CHUNK_BYTES = 1024 * 1024;
/** What is handed to the decoder at once. */
const SLICE_BYTES = 32 * 1024;
/** Parts that wait to be taken; a slice of nothing but zeros gives thousands. */
const MAX_WAITING = 2;

type Decoder = ReturnType<typeof createInflateRaw> | ReturnType<typeof createZstdDecompress>;
type Take = (bytes: Uint8Array) => void;

/**
 * Sends `source` through the decoder, which works in a thread of Node's pool, and hands what comes out to `take` in order, each part valid
 * until `take` returns: one slice is taken here while the next is decoded there. Errors: the decoder's, and what `source` and `take` throw.
 */
export async function pump(source: AsyncIterable<Uint8Array>, decoder: Decoder, take: Take): Promise<void> {
  const output = new Output(decoder, take);
  try {
    let decoded = Promise.resolve();
    for await (const piece of source) {
      for (let start = 0; start < piece.length; start += SLICE_BYTES) {
        await decoded;
        const ready = output.ready();
        decoded = output.decode(piece.subarray(start, start + SLICE_BYTES));
        for (const part of ready) take(part);
      }
    }
    await decoded;
    for (const part of output.ready()) take(part);
    await output.end();
    for (const part of output.ready()) take(part);
  } finally {
    decoder.destroy();
  }
}

/** Of Node's streams: where the decoder writes next. Where a Node keeps it elsewhere, each part is in a buffer of its own, as Node made it. */
interface Innards {
  _outBuffer?: Buffer;
  _outOffset?: number;
}

/**
 * What a decoder puts out, in two buffers by turns: Node itself would take a new one for every part, two hundred megabytes of them for an
 * archive, faster than the collector can take them back. Were a buffer ever written to too early, the file would not have its signed hash.
 */
class Output {
  readonly #decoder: Decoder;
  readonly #take: Take;
  readonly #buffers: readonly Buffer[];
  #parts: Buffer[] = [];
  #waiting: PromiseWithResolvers<void> | undefined;
  #problem: unknown;

  constructor(decoder: Decoder, take: Take) {
    this.#decoder = decoder;
    this.#take = take;
    this.#buffers = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)];
    decoder.push = (part: Buffer | null) => this.#push(part);
    decoder.on("error", (error) => {
      this.#problem ??= error;
      this.#waiting?.reject(error);
    });
  }

  /** Resolves when all of `slice` is decoded. */
  decode(slice: Uint8Array): Promise<void> {
    return this.#until((done) => this.#decoder.write(slice, done));
  }

  /** Resolves when the decoder has given all that it had. */
  end(): Promise<void> {
    return this.#until((done) => this.#decoder.end(done));
  }

  /** What came out since; valid until what is decoded next has come to its end. */
  ready(): readonly Buffer[] {
    return this.#parts.splice(0);
  }

  #until(act: (done: (error?: Error | null) => void) => void): Promise<void> {
    if (this.#problem !== undefined) return Promise.reject(this.#problem);
    this.#waiting = Promise.withResolvers();
    // the decoder's own error comes as an event; whoever gave up meanwhile does not wait for it
    this.#waiting.promise.catch(() => {});
    const { resolve } = this.#waiting;
    act((error) => error ?? resolve());
    return this.#waiting.promise;
  }

  /** Within the decoder's own call: the decoder waits, and an error ends it. */
  #takeHere(): void {
    try {
      for (const part of this.#parts.splice(0)) this.#take(part);
    } catch (error) {
      this.#decoder.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #push(part: Buffer | null): boolean {
    if (part === null) return false;
    this.#parts.push(part);
    if (this.#parts.length > MAX_WAITING) this.#takeHere();
    const innards: Innards = this.#decoder as object;
    const isThere = innards._outBuffer?.buffer === part.buffer && innards._outOffset !== undefined;
    const free = this.#buffers.find(({ buffer }) => this.#parts.every((other) => other.buffer !== buffer));
    if (isThere && free !== undefined) Object.assign(innards, { _outBuffer: free, _outOffset: 0 });
    return true;
  }
}
