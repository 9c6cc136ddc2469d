import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installPackages, isThere } from "../power-cut/disk.ts";

/** One call that changes something below a folder, as the kernel was asked for it. */
export interface Change {
  readonly call: string;
  /** Below the folder, ids of operations and processes left out. */
  readonly path: string;
  /** Among all that the process asks for below that folder, from 1; failed ones count. */
  readonly number: number;
}

/** Undefined where processes can be counted and killed; else why not. Installs a compiler from Debian's packages where root may. */
export function changesMissing(): string | undefined {
  if (process.platform !== "linux") return "what is preloaded is of Linux";
  if (!isThere("gcc") && process.getuid?.() === 0) installPackages(["gcc", "libc6-dev"]);
  return isThere("gcc") ? undefined : "no gcc";
}

/** What is preloaded into a process (`changes.c`), built into `folder`. */
export function buildCounter(folder: string): string {
  const library = join(folder, "changes.so");
  const source = join(import.meta.dirname, "changes.c");
  const built = spawnSync("gcc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
  return library;
}

/** For the environment of a process: told in `log`, and dead before the change of that number. */
export function counted(library: string, below: string, log: string, killBefore?: number): Record<string, string> {
  return {
    LD_PRELOAD: library,
    ENGINERY_CHANGES_BELOW: below,
    ENGINERY_CHANGES_LOG: log,
    ...(killBefore === undefined ? {} : { ENGINERY_CHANGES_KILL: `${killBefore}` }),
  };
}

/** In the order in which they were asked for. Failed attempts (EEXIST, ENOENT) change nothing, and are left out. */
export function readChanges(log: string): readonly Change[] {
  return readFileSync(log, "utf8")
    .split("\n")
    .flatMap((line) => {
      const [, number = "", call = "", path = ""] = /^(\d+) (\w+) ok (.*)$/.exec(line) ?? [];
      return number === "" ? [] : [{ number: Number(number), call, path: withoutIds(path) }];
    })
    .toSorted((one, other) => one.number - other.number);
}

export function withoutIds(path: string): string {
  return path
    .replace(/[0-9a-f]{32}/g, "#")
    .replace(/\.\d+-#/, ".#")
    .replace(/enginery-run-\w+/, "enginery-run-#");
}
