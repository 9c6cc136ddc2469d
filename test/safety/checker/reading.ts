import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { join } from "node:path";

// biome-ignore lint/suspicious/noExplicitAny: whatever a damaged home may hold
export type Json = Record<string, any>;
export type Tell = (path: string, what: string) => void;

export function statusOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

export function listOf(path: string): string[] {
  return statusOf(path)?.isDirectory() ? readdirSync(path).sort() : [];
}

export function textOf(path: string): string | undefined {
  return statusOf(path)?.isFile() ? readFileSync(path, "utf8") : undefined;
}

/** A JSON object in a plain file; undefined for anything else. */
export function recordAt(home: string, path: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(textOf(join(home, path)) ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

export function membersOf(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Whether a plain file of these bytes is there. */
export function isWhole(path: string, hash: string): boolean {
  return statusOf(path)?.isFile() === true && sha256(readFileSync(path)) === hash;
}

export function modeOf(status: Stats): string {
  return (status.mode & 0o7777).toString(8);
}

/** Canonical JSON: members sorted, no white space. */
export function spell(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spell).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${spell(member)}`).join(",")}}`;
}
