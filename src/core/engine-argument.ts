import type { Version } from "./model/manifest.ts";
import { checkEngineName } from "./names.ts";
import { parseVersionArgument } from "./version.ts";

/** `ENGINE` or `ENGINE@VERSION`, `X.Y` for X.Y.0. Errors: `bad-name`, `bad-version`. */
export function parseEngineArgument(text: string): { engine: string; version?: Version | undefined } {
  const at = text.indexOf("@");
  if (at < 0) return { engine: checkEngineName(text) };
  return { engine: checkEngineName(text.slice(0, at)), version: parseVersionArgument(text.slice(at + 1)) };
}
