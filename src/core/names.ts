import { EngineryError, type ErrorCode } from "./errors.ts";
import { quote } from "./quote.ts";
import { isReservedOnWindows } from "./tree-paths.ts";

export { checkTreePath, checkTreePaths, treePathProblem } from "./tree-paths.ts";

const MAX_NAME = 64;
const MAX_TENANT = 1024;
const TENANT_HINT = `Use 1 to ${MAX_TENANT} characters of UTF-8 text, none of them a control character.`;
/** What a decoder puts in the place of bytes that are no UTF-8. */
const NO_TEXT = "\ufffd";

/** Why `name` cannot name an engine, a channel or an entry point; undefined where it can. */
export function nameProblem(name: string): string | undefined {
  if (name.length > MAX_NAME) return `is longer than ${MAX_NAME} characters`;
  if (!/^[a-z][a-z0-9._-]*$/.test(name)) {
    return "is not a lower-case letter followed by lower-case letters, digits, dots, dashes and underscores";
  }
  if (name.endsWith(".")) return "ends with a dot";
  if (isReservedOnWindows(name)) return "is reserved on Windows";
  // what every JavaScript object seems to have is no name
  if (name === "constructor" || name === "prototype") return "is reserved";
  return undefined;
}

/** Errors: `bad-name`, or `code`. */
export function checkEngineName(name: string, code: ErrorCode = "bad-name"): string {
  return check("engine name", name, nameProblem(name), code);
}

/** Errors: `bad-name`, or `code`. */
export function checkChannelName(name: string, code: ErrorCode = "bad-name"): string {
  return check("channel name", name, nameProblem(name), code);
}

/** Errors: `bad-name`, or `code`. */
export function checkEntryName(name: string, code: ErrorCode = "bad-name"): string {
  return check("entry name", name, nameProblem(name), code);
}

/** Why `tenant` cannot name a tenant; undefined where it can. */
export function tenantProblem(tenant: string): string | undefined {
  if (tenant.length === 0) return "is empty";
  if (tenant.length > MAX_TENANT) return `is longer than ${MAX_TENANT} characters`;
  if (!tenant.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(tenant)) return "holds a control character";
  // law 1: bytes that are no UTF-8 all arrive as this one, so two tenants would be one
  if (tenant.includes(NO_TEXT)) return "holds what is no text (U+FFFD)";
  return undefined;
}

/** Any text of 1 to 1024 characters without control characters. Errors: `bad-name`, or `code`. */
export function checkTenant(tenant: string, code: ErrorCode = "bad-name"): string {
  return check("tenant", tenant, tenantProblem(tenant), code, TENANT_HINT);
}

function check(what: string, name: string, problem: string | undefined, code: ErrorCode, hint?: string): string {
  if (problem === undefined) return name;
  const details = { context: { name }, ...(hint === undefined || code !== "bad-name" ? {} : { hint }) };
  throw new EngineryError(code, `The ${what} ${quote(name)} ${problem}.`, details);
}
