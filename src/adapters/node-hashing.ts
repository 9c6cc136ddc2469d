import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { EngineryError } from "../core/errors.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import type { FileHasher, Hashing, HashingWork, PlacedFile } from "../ports/hashing.ts";
import { translateErrno } from "./errno.ts";
import { BATCH_BYTES, BATCH_FILES, batches, poolOf } from "./hashing-pool.ts";
import {
  AT_WORK,
  type HashingAnswer,
  type HashingCommon,
  type HashingMessage,
  type HashingTask,
  hashingThread,
  OVER,
  type WritingTask,
} from "./hashing-thread.ts";
import { Slabs } from "./slabs.ts";

/** A thread takes some 15 ms of a core to start, in which this one would have hashed as much. */
const WORTH_BYTES = 16 * 1024 * 1024;
const WORTH_FILES = 1000;
/** The disk or the memory is the limit by then. */
const MAX_THREADS = 8;
/** One file of a batch is the longest that whoever gives up waits for. */
const PATIENCE_MS = 10_000;
/** A thread holds one buffer outside of its heap, and little in it. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 } as const;

/** `cores`: how many threads may work at once; left out: as many as the machine has. */
export function nodeHashing(cores?: number): Hashing {
  return {
    start: (work) => {
      const threads = Math.min(cores ?? availableParallelism(), MAX_THREADS);
      const isWorth = work.bytes >= WORTH_BYTES || work.files >= WORTH_FILES;
      if (!isWorth || threads < 2) return undefined;
      return new ThreadedHasher(work, work.beside ? 1 : threads);
    },
  };
}

interface Batch {
  readonly tasks: readonly (HashingTask | WritingTask)[];
  /** Where the content of its files lies, where they are to be written. */
  readonly slab?: number;
}

class ThreadedHasher implements FileHasher {
  readonly #hashes = new Map<string, Sha256>();
  readonly #onBytes: ((n: number) => void) | undefined;
  /** Those that live, each with what it was sent and has not answered yet, oldest first. */
  readonly #threads = new Map<Worker, Batch[]>();
  readonly #beside: boolean;
  readonly #slabs = new Slabs((batch) => this.#write(batch));
  readonly #control = new SharedArrayBuffer(8);
  /** Why a file could not be written. */
  #problem: unknown;
  #waiting: HashingTask[] = [];
  #waitingBytes = 0;
  /** All that is to be hashed, once it is known. */
  #pool: readonly (readonly HashingTask[])[] = [];
  /** Those that may still answer of the pool. */
  readonly #atWork = new Set<Worker>();
  #finished: PromiseWithResolvers<ReadonlyMap<string, Sha256>> | undefined;

  constructor({ onBytes, beside }: HashingWork, threads: number) {
    this.#onBytes = onBytes;
    this.#beside = beside;
    try {
      for (let count = 0; count < threads; count++) this.#startThread();
    } catch {
      // no room for another: those that there are do it, or whoever asked
    }
  }

  add(path: string, bytes: number): void {
    this.#waiting.push([path, bytes]);
    this.#waitingBytes += bytes;
    if (!this.#beside || (this.#waiting.length < BATCH_FILES && this.#waitingBytes < BATCH_BYTES)) return;
    for (const worker of this.#threads.keys()) this.#send(worker, { tasks: this.#waiting.splice(0) });
    this.#waitingBytes = 0;
  }

  place(path: string, mode: number, bytes: number): PlacedFile | undefined {
    if (this.#problem !== undefined) throw this.#problem;
    return this.#beside && this.#threads.size > 0 ? this.#slabs.place(path, mode, bytes) : undefined;
  }

  /** The largest first, each batch to whichever thread is free: none waits for this one, which has other things to do. */
  finish(): Promise<ReadonlyMap<string, Sha256>> {
    this.#finished = Promise.withResolvers();
    this.#slabs.flush();
    this.#pool = [...batches(this.#waiting.splice(0).sort(([, one], [, other]) => other - one))];
    const message: HashingMessage = poolOf(this.#pool);
    for (const worker of this.#threads.keys()) {
      worker.ref();
      this.#atWork.add(worker);
      worker.postMessage(message);
    }
    this.#settle();
    return this.#finished.promise;
  }

  [Symbol.dispose](): void {
    const state = new Int32Array(this.#control);
    Atomics.store(state, OVER, 1);
    // it may be making a file where everything is about to be removed
    if (this.#beside && this.#threads.size > 0) Atomics.wait(state, AT_WORK, 1, PATIENCE_MS);
    for (const worker of this.#threads.keys()) void worker.terminate();
  }

  #startThread(): void {
    const worker = new Worker(`(${hashingThread.toString()})()`, {
      eval: true,
      execArgv: [],
      env: {},
      resourceLimits: LIMITS,
      workerData: { memory: this.#slabs.memory, control: this.#control } satisfies HashingCommon,
    });
    worker.unref();
    worker.on("message", (answer: HashingAnswer | null) => this.#took(worker, answer));
    // what it had before it is hashed by whoever asked
    worker.on("error", () => this.#lost(worker));
    worker.on("exit", () => this.#lost(worker));
    this.#threads.set(worker, []);
  }

  #took(worker: Worker, answer: HashingAnswer | null): void {
    if (answer === null) this.#atWork.delete(worker);
    else {
      const { batch, hashes } = answer;
      if (batch === undefined) this.#tookBatch(this.#threads.get(worker)?.shift(), hashes);
      else this.#keep(this.#pool[batch] ?? [], hashes);
    }
    this.#settle();
  }

  #write(batch: Batch): void {
    const [worker] = this.#threads.keys();
    if (worker === undefined) this.#problem ??= threadLost();
    else this.#send(worker, batch);
  }

  #send(worker: Worker, batch: Batch): void {
    this.#threads.get(worker)?.push(batch);
    // one text: a list of lists takes its time to be cloned
    worker.postMessage({ batch: JSON.stringify(batch.tasks) } satisfies HashingMessage);
  }

  #tookBatch(batch: Batch | undefined, hashes: readonly string[]): void {
    const { tasks = [], slab } = batch ?? {};
    if (slab !== undefined) this.#slabs.release(slab);
    this.#keep(tasks, hashes);
  }

  #keep(tasks: Batch["tasks"], hashes: readonly string[]): void {
    for (const [index, [path, bytes]] of tasks.entries()) {
      const hash = hashes[index];
      if (hash === undefined || hash === "") continue;
      if (hash.startsWith("!")) this.#problem ??= problemOf(hash.slice(1), path);
      else this.#hashes.set(path, hash);
      this.#onBytes?.(bytes);
    }
  }

  #lost(worker: Worker): void {
    // what it should have hashed is hashed by whoever asked; what it should have written is not there
    if (this.#threads.get(worker)?.some(({ slab }) => slab !== undefined)) this.#problem ??= threadLost();
    this.#threads.delete(worker);
    this.#atWork.delete(worker);
    this.#settle();
  }

  /** What was sent before the pool is answered before it. */
  #settle(): void {
    if (this.#finished === undefined || this.#atWork.size > 0) return;
    this[Symbol.dispose]();
    if (this.#problem === undefined) this.#finished.resolve(this.#hashes);
    else this.#finished.reject(this.#problem);
  }
}

/** As `calling` would have told it of a file that is made here. */
function problemOf(errno: string, path: string): unknown {
  if (errno === "EEXIST") return new EngineryError("tree-mismatch", `${path} came twice.`, { context: { path } });
  return translateErrno(Object.assign(new Error(errno), { code: errno }), "write", path);
}

function threadLost(): EngineryError {
  return new EngineryError("io", "The thread that writes small files has ended before its time.");
}
