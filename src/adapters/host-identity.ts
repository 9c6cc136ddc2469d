import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Changes with every start of the machine; undefined where the OS does not tell. */
export function bootOf(): string | undefined {
  if (process.platform === "linux") return firstLine("/proc/sys/kernel/random/boot_id");
  if (process.platform === "darwin") return sysctl("kern.bootsessionuuid");
  return undefined;
}

/** When the machine was started, in milliseconds since 1970; undefined where the OS does not tell. */
export function bootedMs(): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const seconds = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1];
    return seconds === undefined ? undefined : Number(seconds) * 1000;
  } catch {
    return undefined;
  }
}

/** Stays the same for one machine; `host:` and its name where nothing better is written down (launchers do the same). */
export function machineOf(): string | undefined {
  const written = process.platform === "linux" ? firstLine("/etc/machine-id") : undefined;
  if (written !== undefined) return written;
  return hostname() === "" ? undefined : `host:${hostname()}`;
}

/** From /etc/passwd: what a directory service knows is not asked. */
export function accountName(id: number): string | undefined {
  return linesOf("/etc/passwd").find((fields) => fields[2] === String(id))?.[0];
}

/** From /etc/group. */
export function groupId(name: string): number | undefined {
  const number = linesOf("/etc/group").find((fields) => fields[0] === name)?.[2];
  return number !== undefined && /^\d+$/.test(number) ? Number(number) : undefined;
}

function linesOf(path: string): readonly (readonly string[])[] {
  try {
    const lines = readFileSync(path, "utf8").split("\n");
    return lines.map((line) => line.split(":"));
  } catch {
    return [];
  }
}

function firstLine(path: string): string | undefined {
  try {
    const line = readFileSync(path, "utf8").split("\n", 1)[0] ?? "";
    return line === "" ? undefined : line;
  } catch {
    return undefined;
  }
}

function sysctl(name: string): string | undefined {
  try {
    const value = execFileSync("/usr/sbin/sysctl", ["-n", name], { encoding: "utf8", timeout: 2000 }).trim();
    return value === "" ? undefined : value;
  } catch {
    return undefined;
  }
}
