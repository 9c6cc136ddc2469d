import { array, object, safeParse, string } from "valibot";
import { EngineryError } from "../../core/errors.ts";
import type { PinRequest } from "../../ops/operator.ts";
import { exactRelease, tenantName } from "./values.ts";

const DOCUMENT = object({ pins: array(object({ tenant: string(), engine: string(), version: string() })) });

/**
 * Lines of `TENANT ENGINE@VERSION` (the last word is the release, all before it the tenant; `#` begins a comment line), or the document that
 * `pins --json` prints. Errors: `usage`, `bad-name`, `bad-version`.
 */
export function parsePinFile(content: string): readonly PinRequest[] {
  return content.trimStart().startsWith("{") ? fromDocument(content) : fromLines(content);
}

function fromDocument(content: string): readonly PinRequest[] {
  const parsed = safeParse(DOCUMENT, parseJson(content));
  if (!parsed.success) {
    throw new EngineryError("usage", "The file of pins is not what `enginery pins --json` prints.");
  }
  return parsed.output.pins.map(({ tenant, engine, version }) => ({
    tenant: tenantName(tenant),
    ...exactRelease(`${engine}@${version}`),
  }));
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new EngineryError("usage", "The file of pins begins like JSON and is none.", { cause });
  }
}

function fromLines(content: string): readonly PinRequest[] {
  return content.split(/\r?\n/).flatMap((line, at) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const match = /^\s*(.*\S)\s+(\S+)\s*$/.exec(line);
    if (match === null) {
      throw new EngineryError("usage", `Line ${at + 1} of the file of pins is not TENANT ENGINE@VERSION.`);
    }
    return [{ tenant: tenantName(match[1] ?? ""), ...exactRelease(match[2] ?? "") }];
  });
}
