import type { JsonValue } from "./json.ts";

/** In the order in which a client loads them. */
export const METADATA_ROLES = ["root", "timestamp", "snapshot", "targets"] as const;
export type MetadataRole = (typeof METADATA_ROLES)[number];

export type Members = Readonly<Record<string, JsonValue>>;

/** Says what is wrong with a member of the file that is checked. */
export type Complain = (member: string, must: string, found: JsonValue | undefined) => never;

export function membersOf(value: JsonValue | undefined, member: string, complain: Complain): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return complain(member, "an object", value);
  return value as Members;
}

export function listOf(value: JsonValue | undefined, member: string, complain: Complain): readonly JsonValue[] {
  return Array.isArray(value) ? value : complain(member, "a list", value);
}

export function positiveInteger(value: JsonValue | undefined, member: string, complain: Complain): number {
  if (!Number.isSafeInteger(value) || Number(value) < 1) complain(member, "a whole number from 1", value);
  return Number(value);
}

export function isHex(value: JsonValue | undefined, digits: number): value is string {
  return typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value);
}
