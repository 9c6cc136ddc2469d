import * as v from "valibot";
import type { Guard, InputRule } from "./model/manifest.ts";
import { countShape } from "./shapes.ts";

const MAX_RULES = 64;
const MAX_CHOICES = 16;
const KNOWN: readonly string[] = ["files", "inputs", "unknown"] satisfies (keyof Guard)[];

const inputShape = v.object({
  after: v.pipe(v.string(), v.check(isOption, "an option as -r or --snapshot")),
  offset: countShape,
  bytes: v.pipe(
    v.array(v.pipe(v.string(), v.check(isBytes, "1 to 64 bytes in lower-case hex"))),
    v.minLength(1, "one choice at least"),
    v.maxLength(MAX_CHOICES, `at most ${MAX_CHOICES} choices`),
  ),
});

const knownShape = v.object({
  files: v.exactOptional(v.literal("tree", "tree")),
  inputs: v.exactOptional(
    v.pipe(
      v.array(inputShape),
      v.minLength(1, "one rule at least"),
      v.maxLength(MAX_RULES, `at most ${MAX_RULES} rules`),
    ),
  ),
  unknown: v.exactOptional(v.array(v.string())),
});

/** Unlike elsewhere, a member that is not known is not passed over: its name is kept, and nothing starts past it. */
export const guardShape = v.pipe(
  v.custom<Record<string, unknown>>(isObject, "an object"),
  v.transform((input) => ({ ...input, ...unknownIn(input) })),
  knownShape,
);

/** Why `rule` cannot be one, as the end of a sentence; the publisher asks before signing. */
export function inputProblem(rule: InputRule): string | undefined {
  const result = v.safeParse(inputShape, rule, { abortEarly: true });
  return result.success ? undefined : `is not ${result.issues[0].message}`;
}

function unknownIn(input: Record<string, unknown>): { readonly unknown?: readonly unknown[] } {
  const names = Object.keys(input).filter((name) => !KNOWN.includes(name));
  if (names.length === 0) return {};
  const before = Array.isArray(input["unknown"]) ? input["unknown"] : [];
  return { unknown: [...before, ...names.sort()] };
}

function isObject(input: unknown): boolean {
  return typeof input === "object" && input !== null && !Array.isArray(input);
}

function isOption(text: string): boolean {
  return /^-[^\s=\p{C}]{1,63}$/u.test(text);
}

function isBytes(hex: string): boolean {
  return /^(?:[0-9a-f]{2}){1,64}$/.test(hex);
}
