import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { EngineryError } from "../core/errors.ts";
import type { Sha256 } from "../core/model/manifest.ts";
import type { FileHasher, Hashing, HashingWork, PlacedFile } from "../ports/hashing.ts";
import { translateErrno } from "./errno.ts";
import {
  AT_WORK,
  type HashingAnswer,
  type HashingCommon,
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
/** What one message carries. */
const BATCH_FILES = 64;
const BATCH_BYTES = 1024 * 1024;
/** What a file costs beside its bytes, in bytes. */
const FILE_BYTES = 40_000;
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

interface Thread {
  readonly worker: Worker;
  /** Batches sent and not yet answered, oldest first. */
  readonly sent: Batch[];
}

interface Batch {
  readonly tasks: readonly (HashingTask | WritingTask)[];
  /** Where the content of its files lies, where they are to be written. */
  readonly slab?: number;
}

class ThreadedHasher implements FileHasher {
  readonly #hashes = new Map<string, Sha256>();
  readonly #onBytes: ((n: number) => void) | undefined;
  /** Those that live. */
  readonly #threads = new Set<Thread>();
  readonly #beside: boolean;
  readonly #slabs = new Slabs((batch) => this.#write(batch));
  readonly #control = new SharedArrayBuffer(8);
  /** Why a file could not be written. */
  #problem: unknown;
  #waiting: HashingTask[] = [];
  #waitingBytes = 0;
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
    for (const thread of this.#threads) this.#send(thread, { tasks: this.#waiting.splice(0) });
    this.#waitingBytes = 0;
  }

  place(path: string, mode: number, bytes: number): PlacedFile | undefined {
    if (this.#problem !== undefined) throw this.#problem;
    return this.#beside && this.#threads.size > 0 ? this.#slabs.place(path, mode, bytes) : undefined;
  }

  finish(): Promise<ReadonlyMap<string, Sha256>> {
    this.#finished = Promise.withResolvers();
    this.#slabs.flush();
    for (const { worker } of this.#threads) worker.ref();
    for (const [thread, tasks] of this.#shares())
      for (const batch of batches(tasks)) this.#send(thread, { tasks: batch });
    this.#settle();
    return this.#finished.promise;
  }

  [Symbol.dispose](): void {
    const state = new Int32Array(this.#control);
    Atomics.store(state, OVER, 1);
    // it may be making a file where everything is about to be removed
    if (this.#beside && this.#threads.size > 0) Atomics.wait(state, AT_WORK, 1, PATIENCE_MS);
    for (const { worker } of this.#threads) void worker.terminate();
  }

  #startThread(): void {
    const worker = new Worker(`(${hashingThread.toString()})()`, {
      eval: true,
      execArgv: [],
      env: {},
      resourceLimits: LIMITS,
      workerData: { memory: this.#slabs.memory, control: this.#control } satisfies HashingCommon,
    });
    const thread: Thread = { worker, sent: [] };
    worker.unref();
    worker.on("message", (answer: HashingAnswer) => this.#took(thread, answer));
    // what it had before it is hashed by whoever asked
    worker.on("error", () => this.#lost(thread));
    worker.on("exit", () => this.#lost(thread));
    this.#threads.add(thread);
  }

  /** All at once, so that no thread waits for this one: the largest first, each to whom has least to do. */
  #shares(): ReadonlyMap<Thread, HashingTask[]> {
    const shares = new Map([...this.#threads].map((thread) => [thread, { tasks: [] as HashingTask[], cost: 0 }]));
    for (const task of this.#waiting.splice(0).sort(([, one], [, other]) => other - one)) {
      const [first, ...others] = shares.values();
      if (first === undefined) break;
      const least = others.reduce((found, other) => (other.cost < found.cost ? other : found), first);
      least.tasks.push(task);
      least.cost += task[1] + FILE_BYTES;
    }
    return new Map([...shares].map(([thread, { tasks }]) => [thread, tasks]));
  }

  #write(batch: Batch): void {
    const [thread] = this.#threads;
    if (thread === undefined) this.#problem ??= threadLost();
    else this.#send(thread, batch);
  }

  #send({ worker, sent }: Thread, batch: Batch): void {
    sent.push(batch);
    // one text: a list of lists takes its time to be cloned
    worker.postMessage(JSON.stringify(batch.tasks));
  }

  #took(thread: Thread, answer: HashingAnswer): void {
    const { tasks = [], slab } = thread.sent.shift() ?? {};
    if (slab !== undefined) this.#slabs.release(slab);
    for (const [index, [path, bytes]] of tasks.entries()) {
      const hash = answer[index];
      if (hash === undefined || hash === "") continue;
      if (hash.startsWith("!")) this.#problem ??= problemOf(hash.slice(1), path);
      else this.#hashes.set(path, hash);
      this.#onBytes?.(bytes);
    }
    this.#settle();
  }

  #lost(thread: Thread): void {
    this.#threads.delete(thread);
    // what it should have hashed is hashed by whoever asked; what it should have written is not there
    if (thread.sent.some(({ slab }) => slab !== undefined)) this.#problem ??= threadLost();
    this.#settle();
  }

  #settle(): void {
    if (this.#finished === undefined || [...this.#threads].some(({ sent }) => sent.length > 0)) return;
    this[Symbol.dispose]();
    if (this.#problem === undefined) this.#finished.resolve(this.#hashes);
    else this.#finished.reject(this.#problem);
  }
}

function* batches(tasks: readonly HashingTask[]): Generator<readonly HashingTask[]> {
  for (let start = 0; start < tasks.length; ) {
    let end = start;
    for (let bytes = 0; end < tasks.length && end - start < BATCH_FILES && bytes < BATCH_BYTES; end += 1)
      bytes += tasks[end]?.[1] ?? 0;
    yield tasks.slice(start, end);
    start = end;
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
