import type { JsonObject, JsonValue } from "./json.ts";

/** The steps of a JSON pointer (RFC 6901) as the fragment of an address spells it; undefined where it is none. */
export function parsePointer(fragment: string): readonly string[] | undefined {
  const pointer = percentDecoded(fragment);
  if (pointer === "") return [];
  if (pointer === undefined || !pointer.startsWith("/") || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What lies there; undefined where nothing does. */
export function pointed(document: JsonValue, pointer: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const step of pointer) {
    if (typeof value !== "object" || value === null) return undefined;
    if (isArray(value)) value = /^(?:0|[1-9][0-9]*)$/.test(step) ? value[Number(step)] : undefined;
    else value = value[step];
  }
  return value;
}

function isArray(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
