import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";

/** Ends it and all that it has started, on Linux: what a tracer traces and what holds our pipes go with it. SIGTERM would ask one that hangs. */
export function killTree(child: ChildProcess): void {
  if (child.pid === undefined) return;
  for (const pid of [...descendants(child.pid), child.pid]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
  }
}

function descendants(pid: number): number[] {
  let listed = "";
  try {
    listed = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  } catch {
    // it has ended by itself
  }
  const children = listed
    .split(" ")
    .map(Number)
    .filter((child) => child > 0);
  return [...children.flatMap(descendants), ...children];
}
