import { spawn } from "node:child_process";
import { killTree } from "../../support/kill-tree.ts";

export interface Ran {
  readonly words: readonly string[];
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It did not end by itself: `signal` is ours. */
  readonly hung: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Run by way of this command and its words: strace, unshare, ... */
  readonly through?: readonly string[];
  readonly timeoutMs?: number;
}

/** A program of `buildProgram`, in a process of its own, without a terminal and without the caller's own settings; answers yes to all. */
export async function run(program: string, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [command = "", ...rest] = [...(options.through ?? []), process.execPath, program, ...words];
  const outer = Object.entries(process.env).filter(([name]) => !/^(ENGINERY_|NODE_|npm_)/.test(name));
  const child = spawn(command, rest, {
    // One thread for what is asynchronous: its calls come in one order.
    env: { ...Object.fromEntries(outer), ENGINERY_YES: "1", UV_THREADPOOL_SIZE: "1", NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let hung = false;
  const patience = setTimeout(() => {
    hung = true;
    killTree(child);
    // what has set itself apart may hold them still
    for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
  }, options.timeoutMs ?? 60_000);
  try {
    const [stdout, stderr, end] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      new Promise<[number | null, NodeJS.Signals | null]>((done, fail) => {
        child.on("close", (status, signal) => done([status, signal])).on("error", fail);
      }),
    ]);
    return { words, status: end[0], signal: end[1], hung, stdout, stderr };
  } finally {
    clearTimeout(patience);
  }
}

/** As `run`; any other end than 0 is an error with all that was said. */
export async function sound(program: string, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const ran = await run(program, words, options);
  if (ran.status !== 0) throw new Error(told(ran));
  return ran;
}

export function told({ words, status, signal, hung, stdout, stderr }: Ran): string {
  return `enginery ${words.join(" ")}: ${hung ? "did not end" : `exit ${status ?? signal}`}\n${stdout}${stderr}`;
}

/** All of it, or what came until it was given up. */
function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((done, fail) => {
    stream.on("close", () => done(Buffer.concat(chunks).toString("utf8"))).on("error", fail);
  });
}

/** `work` for each of `items`, `width` at once. */
export async function forEachOf<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) await work(items[index] as T, index);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
