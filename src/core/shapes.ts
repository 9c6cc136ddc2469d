import * as v from "valibot";
import { EngineryError, type ErrorCode } from "./errors.ts";
import { knownAsMap } from "./exact-shape.ts";
import { nameProblem, tenantProblem } from "./names.ts";
import { isPlatform } from "./platform.ts";
import { quote } from "./quote.ts";
import { treePathProblem } from "./tree-paths.ts";
import { versionProblem } from "./version.ts";

/** The building blocks of the schemas in parse-*.ts. */

/** One step for each value, where a pipe of several takes several times as long: a manifest of a thousand releases holds 20,000 of them. */
export const text = (isRight: (text: string) => boolean, expected: string) =>
  v.custom<string>((value) => typeof value === "string" && isRight(value), expected);
const whole = (least: number, expected: string) =>
  v.custom<number>((value) => Number.isSafeInteger(value) && (value as number) >= least, expected);

const INSTANT = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}(?:\.\d{1,9})?Z$/;

export const sha256Shape = text((hex) => /^[0-9a-f]{64}$/.test(hex), "64 lower-case hex digits");
export const versionShape = text((version) => versionProblem(version) === undefined, "an exact version");
export const nameShape = text((name) => nameProblem(name) === undefined, "a name");
export const tenantShape = text((tenant) => tenantProblem(tenant) === undefined, "a tenant");
export const platformShape = text(isPlatform, "a platform");
export const pathShape = text((path) => treePathProblem(path) === undefined, "a safe path");
export const instantShape = text((instant) => INSTANT.test(instant), "an instant in UTC");
/** A short line of what somebody said. */
export const reasonShape = text((reason) => reason.length <= 10_000, "at most 10,000 characters");
/** What an operating system calls a boot, a machine, an instant. */
export const tokenShape = text((token) => token !== "" && token.length <= 256 && !/\p{Cc}/u.test(token), "one line");
/** Ids of operations and leases: they may become part of a file name. */
export const idShape = text((id) => /^[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}$/.test(id), "an id");

export const countShape = whole(0, "a number from 0");
export const positiveShape = whole(1, "a number from 1");
export const formatShape = v.literal(1, "1, the only format there is");

/** An object whose members may all be left out: without this an array would pass for one. */
export function membersShape<E extends v.ObjectEntries>(entries: E) {
  return v.pipe(v.custom<Record<string, unknown>>(isMap, "an object"), v.object(entries));
}

/** An object used as a map: it inherits nothing, so that no name finds what every object seems to have. */
export function mapShape<K extends v.GenericSchema<string, string>, V extends v.GenericSchema>(key: K, value: V) {
  const map = v.pipe(
    v.custom<Record<string, unknown>>(isMap, "an object"),
    v.record(key, value),
    v.transform((map): Readonly<Record<string, v.InferOutput<V>>> => Object.assign(Object.create(null), map)),
  );
  return knownAsMap(map, key, value);
}

/** valibot's record drops these names without a word. */
function isMap(input: unknown): boolean {
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  return isObject && !["__proto__", "prototype", "constructor"].some((name) => Object.hasOwn(input, name));
}

/** `value` as the schema's type, unknown members left out. The message names the member; it holds no foreign text unquoted. */
export function shaped<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  what: string,
  code: ErrorCode = "document-invalid",
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = (issue.path ?? []).map((step) => String(step.key)).join(".");
  const expected = isOwnMessage(issue) ? issue.message : (issue.expected ?? "something else");
  const where = path === "" ? "it" : quote(path);
  throw new EngineryError(code, `${what} does not keep to its format: ${where} is not ${expected}.`, {
    context: { member: path },
  });
}

/** valibot's own messages repeat what they found. */
function isOwnMessage(issue: v.BaseIssue<unknown>): boolean {
  return !issue.message.startsWith("Invalid ");
}
