import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Sha256 } from "../core/model/manifest.ts";
import type { FileHasher, Hashing, HashingWork } from "../ports/hashing.ts";
import { type HashingAnswer, type HashingTask, hashingThread } from "./hashing-thread.ts";

/** A thread takes some 15 ms of a core to start, in which this one would have hashed as much. */
const WORTH_BYTES = 16 * 1024 * 1024;
const WORTH_FILES = 1000;
/** The disk or the memory is the limit by then. */
const MAX_THREADS = 8;
/** What one message carries. */
const BATCH_FILES = 64;
const BATCH_BYTES = 1024 * 1024;
/** Batches that a thread has before it: one that it works on, and the next. */
const AHEAD = 2;
/** A thread holds one buffer outside of its heap, and little in it. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 } as const;

/** `cores`: how many threads may work at once. */
export function nodeHashing(cores: number = availableParallelism()): Hashing {
  return {
    start: (work) => {
      const isWorth = work.bytes >= WORTH_BYTES || work.files >= WORTH_FILES;
      if (!isWorth || cores < 2) return undefined;
      return new ThreadedHasher(work, work.beside ? 1 : Math.min(cores, MAX_THREADS));
    },
  };
}

interface Thread {
  readonly worker: Worker;
  /** Batches sent and not yet answered, oldest first. */
  readonly sent: (readonly HashingTask[])[];
}

class ThreadedHasher implements FileHasher {
  readonly #hashes = new Map<string, Sha256>();
  readonly #onBytes: ((n: number) => void) | undefined;
  /** Those that live. */
  readonly #threads = new Set<Thread>();
  readonly #beside: boolean;
  #waiting: HashingTask[] = [];
  #waitingBytes = 0;
  #finished: PromiseWithResolvers<ReadonlyMap<string, Sha256>> | undefined;

  constructor({ onBytes, beside }: HashingWork, threads: number) {
    this.#onBytes = onBytes;
    this.#beside = beside;
    for (let count = 0; count < threads; count++) this.#startThread();
  }

  add(path: string, bytes: number): void {
    this.#waiting.push([path, bytes]);
    this.#waitingBytes += bytes;
    if (this.#beside && (this.#waiting.length >= BATCH_FILES || this.#waitingBytes >= BATCH_BYTES)) this.#handOut();
  }

  finish(): Promise<ReadonlyMap<string, Sha256>> {
    this.#finished = Promise.withResolvers();
    // the largest first: none of them is begun when all else is done; taken from the end
    if (!this.#beside) this.#waiting.sort(([, one], [, other]) => one - other);
    for (const { worker } of this.#threads) worker.ref();
    this.#handOut();
    this.#settle();
    return this.#finished.promise;
  }

  [Symbol.dispose](): void {
    for (const { worker } of this.#threads) void worker.terminate();
  }

  #startThread(): void {
    const worker = new Worker(`(${hashingThread.toString()})()`, {
      eval: true,
      execArgv: [],
      env: {},
      resourceLimits: LIMITS,
    });
    const thread: Thread = { worker, sent: [] };
    worker.unref();
    worker.on("message", (answer: HashingAnswer) => this.#took(thread, answer));
    // what it had before it is hashed by whoever asked
    worker.on("error", () => this.#lost(thread));
    worker.on("exit", () => this.#lost(thread));
    this.#threads.add(thread);
  }

  #handOut(): void {
    for (let round = 0; round < AHEAD; round++) {
      for (const { worker, sent } of this.#threads) {
        if (sent.length > round || this.#waiting.length === 0) continue;
        const batch = this.#nextBatch();
        sent.push(batch);
        // one text: a list of lists takes its time to be cloned
        worker.postMessage(JSON.stringify(batch));
      }
    }
  }

  #nextBatch(): readonly HashingTask[] {
    let bytes = 0;
    let files = 0;
    while (files < this.#waiting.length && files < BATCH_FILES && bytes < BATCH_BYTES) {
      files += 1;
      bytes += this.#waiting.at(-files)?.[1] ?? 0;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(-files);
  }

  #took(thread: Thread, answer: HashingAnswer): void {
    const batch = thread.sent.shift() ?? [];
    for (const [index, [path, bytes]] of batch.entries()) {
      const hash = answer[index];
      if (hash === undefined || hash === "") continue;
      this.#hashes.set(path, hash);
      this.#onBytes?.(bytes);
    }
    this.#handOut();
    this.#settle();
  }

  #lost(thread: Thread): void {
    this.#threads.delete(thread);
    if (this.#threads.size === 0) this.#waiting = [];
    this.#settle();
  }

  #settle(): void {
    if (this.#finished === undefined || (this.#waiting.length > 0 && this.#threads.size > 0)) return;
    if ([...this.#threads].some(({ sent }) => sent.length > 0)) return;
    this[Symbol.dispose]();
    this.#finished.resolve(this.#hashes);
  }
}
