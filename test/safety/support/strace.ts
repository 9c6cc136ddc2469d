import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { withoutIds } from "./changes.ts";

/** Calls that change a file system, by kernel name; `openat` only where it creates. */
export const MUTATING = [
  ...[
    "openat",
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "copy_file_range",
    "sendfile",
    "ftruncate",
    "truncate",
    "fallocate",
  ],
  ...[
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "mkdirat",
  ],
  ...["chmod", "fchmod", "fchmodat", "utimensat", "fsync", "fdatasync", "syncfs", "sync_file_range"],
];

/** Undefined where strace is there and may trace; else why not. Installs it from Debian's packages where that is allowed. */
export function straceMissing(): string | undefined {
  if (process.platform !== "linux") return "strace is of Linux";
  if (!works() && process.getuid?.() === 0) {
    spawnSync("apt-get", ["install", "-y", "-qq", "strace"], {
      stdio: "ignore",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  }
  return works() ? undefined : "no strace that may trace";
}

function works(): boolean {
  return spawnSync("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "true"]).status === 0;
}

/** One call of the log: a change below `scene`, or an attempt at one. */
export interface TracedCall {
  readonly call: string;
  readonly thread: string;
  /** How many calls of that name this thread had made with it. */
  readonly nth: number;
  /** Path below the scene, ids of operations and processes left out. */
  readonly path: string;
  /** As it was, absolute. */
  readonly absolute: string;
  /** What the kernel answered; undefined where it never came to that. */
  readonly answer: string | undefined;
}

/** Words for strace before the command. The log tells paths of descriptors. Not with --seccomp-bpf: that makes signals come too late. */
export function traced(log: string, ...inject: readonly string[]): readonly string[] {
  return [
    ...["strace", "-f", "-y", "-qq", "-s", "0", "-o", log],
    ...["-e", `trace=${MUTATING.join(",")}`],
    ...inject.flatMap((rule) => ["-e", `inject=${rule}`]),
  ];
}

/** The changes below `scene`, in order, of all threads. Failed attempts (EEXIST, ENOENT) change nothing, and are left out unless `attempts`. */
export function changesIn(log: string, scene: string, attempts = false): readonly TracedCall[] {
  const counts = new Map<string, number>();
  const changes: TracedCall[] = [];
  for (const line of readFileSync(log, "utf8").split("\n")) {
    const found = /^(\d+) +([a-z_0-9]+)\((.*)$/.exec(line);
    if (found === null) continue;
    const [, thread = "", call = "", rest = ""] = found;
    const nth = (counts.get(`${thread} ${call}`) ?? 0) + 1;
    counts.set(`${thread} ${call}`, nth);
    if (call === "openat" && !rest.includes("O_CREAT")) continue;
    const absolute = pathsOf(rest).find((path) => path === scene || path.startsWith(`${scene}/`));
    if (absolute === undefined) continue;
    const answer = /\)\s+= (.*)$/.exec(rest)?.[1];
    if (answer?.startsWith("-1") && !attempts) continue;
    changes.push({ call, thread, nth, path: withoutIds(absolute.slice(scene.length + 1)), absolute, answer });
  }
  return changes;
}

/** Of a call's arguments: quoted ones, and those that descriptors stand for (not the working folder's). */
function pathsOf(rest: string): readonly string[] {
  const named = [...rest.matchAll(/"(\/[^"]*)"/g)].map(([, path]) => path ?? "");
  return named.length > 0 ? named.toReversed() : [...rest.matchAll(/^\d+<(\/[^>]*)>/g)].map(([, path]) => path ?? "");
}

/** The thread that began. */
export function mainThreadOf(log: string): string | undefined {
  return /^\d+/.exec(readFileSync(log, "utf8"))?.[0];
}
