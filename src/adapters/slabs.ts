import type { PlacedFile } from "../ports/hashing.ts";
import type { WritingTask } from "./hashing-thread.ts";

/** All of them are three megabytes, of which what is never filled takes no memory. */
const SLABS = 6;
const SLAB_BYTES = 512 * 1024;
/** A larger file is written where it comes out of the decoder, while this much of the next is decoded. */
const MAX_FILE_BYTES = 256 * 1024;
/** What one message carries; a thread that waits is sent to earlier. */
const BATCH_FILES = 64;
const BATCH_BYTES = 256 * 1024;
const FIRST_FILES = 8;

export interface SlabBatch {
  readonly tasks: readonly WritingTask[];
  readonly slab: number;
}

/** Small files on their way to the thread that writes them, in memory that both share. There is room, or whoever asks writes for itself. */
export class Slabs {
  readonly memory = new SharedArrayBuffer(SLABS * SLAB_BYTES);
  readonly #free = Array.from({ length: SLABS }, (_, number) => number);
  readonly #send: (batch: SlabBatch) => void;
  /** How many batches the thread has not answered. */
  #sent = 0;
  #tasks: WritingTask[] = [];
  #filled = 0;

  constructor(send: (batch: SlabBatch) => void) {
    this.#send = send;
  }

  /** Undefined: no room. It is taken only when `write` is called, before the next is asked for. */
  place(path: string, mode: number, bytes: number): PlacedFile | undefined {
    if (bytes > MAX_FILE_BYTES) return undefined;
    if (this.#filled + bytes > SLAB_BYTES) this.flush();
    const slab = this.#free[0];
    if (slab === undefined) return undefined;
    const start = slab * SLAB_BYTES + this.#filled;
    const write = () => {
      this.#tasks.push([path, bytes, mode, start]);
      this.#filled += bytes;
      const isFull = this.#tasks.length >= BATCH_FILES || this.#filled >= BATCH_BYTES;
      if (isFull || (this.#sent === 0 && this.#tasks.length >= FIRST_FILES)) this.flush();
    };
    return { content: new Uint8Array(this.memory, start, bytes), write };
  }

  /** Sends what waits. */
  flush(): void {
    if (this.#tasks.length === 0) return;
    const [slab = 0] = this.#free.splice(0, 1);
    const tasks = this.#tasks.splice(0);
    this.#filled = 0;
    this.#sent += 1;
    this.#send({ tasks, slab });
  }

  /** The thread is done with it. */
  release(slab: number): void {
    this.#sent -= 1;
    this.#free.push(slab);
  }
}
