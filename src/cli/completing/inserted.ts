import type { TypedWord } from "./typed-line.ts";

/** What bash gives a meaning to within a word that has no quotes. */
const SPECIAL = /[\s"'\\$&|;<>()*?[\]{}!#~`^]/g;

/**
 * What bash is to put in the place of `fragment`, the end of the word as bash divides it (at `@`, `:` and `=`), so that the word means `value`.
 * Undefined where it cannot be said so: the word is written in another way, or the value cannot stand in quotes of that kind.
 */
export function insertedByBash(value: string, last: TypedWord, fragment: string): string | undefined {
  if (last.quote === "'") return value.replaceAll("'", "'\\''");
  // within these an exclamation mark calls up what was typed before, and nothing hides it
  if (last.quote === '"') return value.includes("!") ? undefined : value.replaceAll(/["\\$`]/g, "\\$&");
  const whole = value.replaceAll(SPECIAL, "\\$&");
  const before = last.raw.endsWith(fragment) ? last.raw.slice(0, last.raw.length - fragment.length) : undefined;
  return before !== undefined && whole.startsWith(before) ? whole.slice(before.length) : undefined;
}
