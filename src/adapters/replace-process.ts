import { type ChildProcess as Child, spawn } from "node:child_process";
import {
  accessSync,
  closeSync,
  existsSync,
  constants as fsConstants,
  openSync,
  readlinkSync,
  readSync,
  statSync,
} from "node:fs";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { EngineryError } from "../core/errors.ts";
import { FORMAT_BYTES, formatProblem, readFormat } from "../core/executable-format.ts";
import { longPathReason, starting } from "./starting.ts";

type Environment = Readonly<Record<string, string>>;

const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Well below what any system takes for arguments and environment together, and for one of them. */
const MAX_ARGUMENT_BYTES = 128 * 1024 - 1;
const MAX_ALL_BYTES = 512 * 1024;

/**
 * Becomes `file` and does not return, where the OS and Node can; else runs it as a child with this process's stdio and answers its
 * exit status (128 + signal where a signal ended it). Errors: `engine-start`.
 */
export async function replaceProcess(
  file: string,
  args: readonly string[],
  env: Environment,
  begun?: (pid: number) => void,
): Promise<number> {
  requireStartable(file);
  const inherited = inheritedDescriptors();
  const possible = typeof process.execve === "function" && process.platform !== "win32";
  if (possible && inherited.length === 0 && fits(args, env)) process.execve?.(file, [file, ...args], { ...env });
  return runAttached(file, args, env, inherited, begun);
}

/** execve aborts this process where it fails, so what can be known is looked at before. */
function requireStartable(file: string): void {
  try {
    if (!statSync(file).isFile()) throw new Error("it is not a file");
    accessSync(file, fsConstants.X_OK);
  } catch (error) {
    throw cannotStart(file, error instanceof Error ? error.message : String(error), error);
  }
  if (process.platform === "win32") return;
  const format = readFormat(head(file));
  const problem = formatProblem(format, `${process.platform}-${process.arch}`);
  if (problem !== undefined) throw cannotStart(file, `it ${problem}`);
  if (format.kind === "unknown")
    throw cannotStart(file, "it is neither a program of this system nor a script that names its interpreter");
  const interpreter = format.kind === "elf" || format.kind === "script" ? format.interpreter : undefined;
  if (interpreter !== undefined && !existsSync(interpreter))
    throw cannotStart(file, `it needs ${interpreter}, which is not on this host`);
}

function head(file: string): Uint8Array {
  const bytes = new Uint8Array(FORMAT_BYTES);
  try {
    const descriptor = openSync(file, "r");
    try {
      return bytes.subarray(0, readSync(descriptor, bytes));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw cannotStart(file, "it cannot be read", error);
  }
}

function fits(args: readonly string[], env: Environment): boolean {
  const sizes = [...args, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)].map(
    (text) => Buffer.byteLength(text) + 9,
  );
  return Math.max(0, ...sizes) <= MAX_ARGUMENT_BYTES && sizes.reduce((sum, size) => sum + size, 0) <= MAX_ALL_BYTES;
}

/**
 * Descriptors from 3 up that our caller handed on (some engines are spoken to there). Node has marked them to be closed by execve, so
 * only a child can get them. Node's own first descriptor is an event poll.
 */
function inheritedDescriptors(): number[] {
  const inherited: number[] = [];
  for (let descriptor = 3; descriptor < 16; descriptor += 1) {
    const link = process.platform === "linux" ? linkOf(descriptor) : undefined;
    if (link === undefined || link.startsWith("anon_inode:")) break;
    inherited.push(descriptor);
  }
  return inherited;
}

function linkOf(descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}

function runAttached(
  file: string,
  args: readonly string[],
  env: Environment,
  inherited: readonly number[],
  begun?: (pid: number) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let child: Child | undefined;
    // Before the child is there: a signal in between would end this process and leave the child alone.
    const forwards = FORWARDED.map((signal) => ({ signal, forward: () => passOn(child, signal) }));
    for (const { signal, forward } of forwards) process.on(signal, forward);
    const settle = (): void => {
      for (const { signal, forward } of forwards) process.off(signal, forward);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(cannotStart(file, error instanceof Error ? error.message : String(error), error));
    };
    try {
      const { file: program, argv0 } = starting(file);
      child = spawn(program, args, { argv0, env: { ...env }, stdio: [0, 1, 2, ...inherited] });
    } catch (error) {
      // Some errors of spawn are events, some (arguments too long, a zero within one) are thrown.
      fail(error);
      return;
    }
    child.on("error", fail);
    if (child.pid !== undefined) begun?.(child.pid);
    child.on("exit", (status, signal) => {
      settle();
      resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** A terminal sends its interrupt to the child too: twice would be one too many. */
function passOn(child: Child | undefined, signal: NodeJS.Signals): void {
  if (signal !== "SIGINT" || !isatty(0)) child?.kill(signal);
}

function cannotStart(file: string, why: string, cause?: unknown): EngineryError {
  const hint = longPathReason(file);
  return new EngineryError("engine-start", `Cannot start ${file}: ${why}.`, {
    ...(hint === undefined ? {} : { hint }),
    context: { file },
    cause,
  });
}
