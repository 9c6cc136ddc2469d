import { type ChildProcess as Child, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import type { ChildProcess, RunOptions, RunResult } from "../ports/child-process.ts";
import { calling } from "./errno.ts";
import { replaceProcess } from "./replace-process.ts";
import { longPathReason, starting } from "./starting.ts";

const WINDOWS = process.platform === "win32";
/** How long an orphan may hold the output open after the program itself has ended. */
const ORPHAN_GRACE_MS = 250;
const MATCH_LIMIT_MS = 1000;

/** Programs of the machine. A run leaves no process of its group behind; what sets itself apart from the group is out of reach. */
export function createChildProcess(): ChildProcess {
  return { run, replace: replaceProcess };
}

async function run(file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  if (options.cwd !== undefined) return runIn(options.cwd, file, args, options);
  const place = join(tmpdir(), "enginery-run-");
  const scratch = calling("mkdtemp", place, () => mkdtempSync(place));
  try {
    return await runIn(scratch, file, args, { ...options, env: { ...options.env, HOME: scratch } });
  } finally {
    discard(scratch);
  }
}

/** An empty folder in the system's temporary folder is no reason to fail what was run. */
function discard(scratch: string): void {
  try {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // The system empties that folder.
  }
}

function runIn(cwd: string, file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve) => {
    const output = collector(options.maxOutputBytes);
    const talk = options.talk === "apart" ? collector(options.maxOutputBytes) : undefined;
    const child = start(cwd, file, args, options);
    if (child instanceof Error) {
      resolve({ outcome: "not-started", reason: startProblem(child, file) });
      return;
    }
    let timedOut = false;
    const giveUp = () => {
      timedOut = true;
      killGroup(child);
    };
    const timer = setTimeout(giveUp, options.timeoutMs);
    options.signal?.addEventListener("abort", giveUp, { once: true });
    if (options.signal?.aborted) giveUp();
    const stopWaiting = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", giveUp);
    };
    child.stdout.on("data", output.add);
    child.stderr.on("data", (talk ?? output).add);
    child.on("error", (error) => {
      stopWaiting();
      resolve({ outcome: "not-started", reason: startProblem(error, file) });
    });
    // A program that does not read its input closes it: that is no failure of ours.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? new Uint8Array(0));
    child.on("exit", () => {
      killGroup(child);
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, ORPHAN_GRACE_MS).unref();
    });
    child.on("close", (status, signal) => {
      stopWaiting();
      const said = { output: output.text(), ...(talk === undefined ? {} : { talk: talk.text() }) };
      if (timedOut) resolve({ outcome: "timeout", ...said });
      else if (status === null) resolve({ outcome: "signal", signal: signal ?? "unknown", ...said });
      else resolve({ outcome: "exit", status, ...said, ...matchOf(options.expect, said.output) });
    });
  });
}

/** Some errors of spawn are events, some (arguments too long, a zero within one) are thrown. */
function start(cwd: string, file: string, args: readonly string[], options: RunOptions) {
  try {
    const { file: program, argv0 } = starting(file);
    return spawn(program, args, {
      argv0,
      cwd,
      env: { ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: !WINDOWS,
      windowsHide: true,
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function collector(maxBytes: number): { readonly add: (chunk: Buffer) => void; readonly text: () => string } {
  const chunks: Buffer[] = [];
  let room = maxBytes;
  return {
    add: (chunk) => {
      if (room > 0) chunks.push(chunk.subarray(0, room));
      room -= Math.min(room, chunk.length);
    },
    text: () => Buffer.concat(chunks).toString("utf8"),
  };
}

/** The whole process group, so that a program's own children go with it. */
function killGroup(child: Child): void {
  if (child.pid === undefined) return;
  try {
    if (WINDOWS) spawnSync("taskkill", ["/pid", String(child.pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

/** An expression may take for ever on the right text: only a context of its own can be stopped. */
function matchOf(expect: string | undefined, text: string): { matched?: boolean | "timeout" } {
  if (expect === undefined) return {};
  try {
    const matched: unknown = runInNewContext(
      "new RegExp(expect).test(text)",
      { expect, text: text.trimEnd() },
      { timeout: MATCH_LIMIT_MS },
    );
    return { matched: matched === true };
  } catch (error) {
    // The error comes from the other context: it is none of our Error.
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    return { matched: code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? "timeout" : false };
  }
}

function startProblem(error: Error, file: string): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "unknown";
  const long = longPathReason(file);
  return `${code}: ${error.message}${long === undefined ? "" : `. ${long}`}`;
}
