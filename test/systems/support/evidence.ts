import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

export function sha256Of(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** What the kernel says a process runs: its bytes, and which file that is. */
export function runningProgram(pid: number) {
  const exe = `/proc/${pid}/exe`;
  const { ino, dev, mtimeMs, mode, nlink } = statSync(exe);
  return { path: readlinkSync(exe), sha256: sha256Of(exe), ino, dev, mtimeMs, mode, nlink };
}

/** The engine's process: this one, or its child where descriptors were handed on. Waits until it is the engine. */
export async function engineOf(pid: number, path: string): Promise<number> {
  for (const end = Date.now() + 20_000; Date.now() < end; await setTimeout(20)) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
    const found = [pid, ...children.filter((child) => child > 0)].find(
      (one) => readlinkSync(`/proc/${one}/exe`) === path,
    );
    if (found !== undefined) return found;
  }
  throw new Error(`Neither ${pid} nor a child of it runs ${path}.`);
}

export interface LeaseFile {
  readonly engine: string;
  readonly version: string;
  readonly pid: number;
  readonly started?: string;
  readonly tenant?: string;
  readonly epoch?: number;
}

export function leasesIn(home: string): readonly LeaseFile[] {
  const folder = join(home, "leases");
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as LeaseFile);
}

export interface LedgerLine {
  readonly verb: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export function ledgerOf(home: string): readonly LedgerLine[] {
  const lines = readFileSync(join(home, "ledger.jsonl"), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as LedgerLine);
}

/** Claims and told runs: the same before and after where nothing was started. */
export function tracesIn(home: string) {
  return {
    leases: readdirSync(join(home, "leases")).sort(),
    runs: ledgerOf(home).filter(({ verb }) => verb === "exec").length,
  };
}
