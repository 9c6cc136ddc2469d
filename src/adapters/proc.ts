import { readFileSync, readlinkSync, statSync } from "node:fs";
import { errnoOf } from "./errno.ts";

/** Fields of /proc/PID/stat behind the process's name, which may itself hold spaces and brackets. */
const STATE = 0;
const START_TIME = 19;

/** No OS has a process of a higher number. */
const MAX_PID = 0x7fff_ffff;

/**
 * Start time of a process in clock ticks since boot, as text. Null: no such process (a zombie runs nothing any more);
 * undefined: there is one, and the OS does not tell when it began.
 */
export function startedOf(pid: number): string | null | undefined {
  if (pid > MAX_PID) return null;
  const fields = procIsOurs() ? statFields(pid) : undefined;
  if (fields?.[STATE] === "Z" || fields?.[STATE] === "X") return null;
  // Hidden (hidepid) is not gone: only the signal's answer says so.
  return fields?.[START_TIME] ?? (isThere(pid) ? undefined : null);
}

/** `pid:INODE` of the pid namespace and `dev:MAJOR:MINOR` of the /proc mount; none where /proc shows other processes than ours. */
export function namespacesOf(): readonly string[] {
  if (!procIsOurs()) return [];
  try {
    const inode = readlinkSync("/proc/self/ns/pid").replace(/^pid:\[(\d+)\]$/, "pid:$1");
    return [inode, deviceName(statSync("/proc").dev)];
  } catch {
    return [];
  }
}

/** In a new pid namespace with the old /proc still mounted, its numbers mean other processes. */
function procIsOurs(): boolean {
  try {
    return readlinkSync("/proc/self") === String(process.pid);
  } catch {
    return false;
  }
}

/** Of the process's first thread, which began with it: of the process itself qemu-user tells whoever asks for his own another start. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== "ESRCH";
  }
}

/** As /proc/self/mountinfo writes it. */
export function deviceName(device: number): string {
  const number = BigInt(device);
  const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n);
  const minor = (number & 0xffn) | ((number >> 12n) & 0xffffff00n);
  return `dev:${major}:${minor}`;
}
