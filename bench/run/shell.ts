import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Cost {
  /** Milliseconds. */
  readonly wall: number;
  /** Milliseconds of processor time, of it and of what it waited for. */
  readonly cpu: number;
  /** KiB: the greatest of any one process of it. */
  readonly peak: number;
}

/** Groups of processes that run: whoever ends us ends them. */
const running = new Set<number>();

export function endAllStarted(): void {
  for (const group of running) killGroup(group);
}

export interface Shell {
  /** Runs the text with `sh -e`, and ends it, and all that it started, after so many seconds. Errors: an end other than 0, the last line it said. */
  run(text: string, env: Environment, seconds: number): Promise<string>;
  /** As `run`, measured. */
  measure(text: string, env: Environment, seconds: number): Promise<Cost>;
}

export type Environment = Readonly<Record<string, string>>;

/** `work` is a folder for what it notes. Errors: no C compiler. */
export function openShell(work: string): Shell {
  const program = join(work, "measured");
  const source = join(import.meta.dirname, "measured.c");
  const compiled = spawnSync("cc", ["-O2", "-o", program, source], { encoding: "utf8" });
  if (compiled.status !== 0) throw new Error(`cc: ${compiled.error?.message ?? compiled.stderr}`);
  const notes = join(work, "measured.txt");
  return {
    run: (text, env, seconds) => ended(["sh", "-ec", text], env, seconds),
    measure: async (text, env, seconds) => {
      await ended([program, notes, "sh", "-ec", text], env, seconds);
      const [wall = 0, cpu = 0, peak = 0] = readFileSync(notes, "utf8").trim().split(" ").map(Number);
      return { wall: wall / 1e6, cpu: cpu / 1e3, peak };
    },
  };
}

function ended([file = "", ...args]: readonly string[], env: Environment, seconds: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // a group of its own: a pipe's programs end with their shell
    const child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: { ...process.env, ...env },
    });
    let [said, complained, late] = ["", "", false];
    if (child.pid !== undefined) running.add(child.pid);
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) killGroup(child.pid);
    }, seconds * 1000);
    child.stdout.on("data", (text: Buffer) => {
      said = (said + text.toString()).slice(-65_536);
    });
    child.stderr.on("data", (text: Buffer) => {
      complained = (complained + text.toString()).slice(-4_096);
    });
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      if (child.pid !== undefined) running.delete(child.pid);
      if (status === 0) resolve(said);
      else
        reject(
          new Error(
            late ? `not done after ${seconds} s` : lastLine(complained) || lastLine(said) || `ended with ${status}`,
          ),
        );
    });
  });
}

function killGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // ended meanwhile
  }
}

/** What a table can hold of it: no paths. */
function lastLine(text: string): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  return line
    .replaceAll(/(\/[\w.@+:-]+){2,}/g, "…")
    .replaceAll("|", "/")
    .slice(0, 160);
}
