import * as v from "valibot";
import { EngineryError } from "./errors.ts";
import { parseJson } from "./json.ts";
import type { Sha256 } from "./model/manifest.ts";
import { quote } from "./quote.ts";
import { sha256Shape, shaped } from "./shapes.ts";

/** What install.sh wrote down: how Enginery came here, and everything that was made for it. */
export interface Receipt {
  readonly format: 2;
  /** A single file of a release, or a checkout with its own modules. */
  readonly way: "release" | "checkout";
  /** Absolute; of a checkout. */
  readonly checkout?: string;
  /** Absolute folder in which the single files lie; of a release. */
  readonly self?: string;
  /** Where later releases are found; of a release. */
  readonly repository?: string;
  readonly platform?: string;
  /** Absolute: what is on PATH. */
  readonly command: string;
  readonly home?: string;
  readonly made: readonly MadeThing[];
}

/** One thing that was made; what its kind needs to be known again. */
export interface MadeThing {
  readonly kind: string;
  readonly path: string;
  /** Of a file, as it was made. */
  readonly sha256?: Sha256;
  /** Of a link: the folder that it leads into. */
  readonly within?: string;
  /** Of a line in a start file. */
  readonly text?: string;
}

const MAX_BYTES = 1024 * 1024;
const MOST_THINGS = 10_000;

const lineShape = v.pipe(
  v.string(),
  v.check((line) => line !== "" && line.length <= 8192 && !/\p{Cc}/u.test(line), "one line"),
);
const placeShape = v.pipe(
  v.string(),
  v.check((path) => pathProblem(path) === undefined, "an absolute path without . and .."),
);

const receiptShape = v.object({
  format: v.literal(2, "2, the only format there is"),
  way: v.picklist(["release", "checkout"]),
  checkout: v.exactOptional(placeShape),
  self: v.exactOptional(placeShape),
  repository: v.exactOptional(lineShape),
  platform: v.exactOptional(lineShape),
  command: placeShape,
  home: v.exactOptional(placeShape),
  made: v.pipe(
    v.array(
      v.object({
        kind: lineShape,
        path: lineShape,
        sha256: v.exactOptional(sha256Shape),
        within: v.exactOptional(placeShape),
        text: v.exactOptional(lineShape),
      }),
    ),
    v.maxLength(MOST_THINGS, `at most ${MOST_THINGS} things`),
  ),
});

/** Errors: `document-invalid`. */
export function parseReceipt(bytes: Uint8Array, what: string): Receipt {
  try {
    return shaped(receiptShape, parseJson(bytes, what, { maxBytes: MAX_BYTES }), what);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new EngineryError("document-invalid", message, {
      hint: "Nothing was removed; run install.sh again, which writes it anew.",
      cause,
    });
  }
}

/** Why nothing of this receipt may be removed there; undefined for a path that install.sh could have written. */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith("/")) return "is no absolute path";
  if (path.length > 4096 || /\p{Cc}/u.test(path)) return "is no path that install.sh writes";
  const names = path.split("/").slice(1);
  if (names.some((name) => name === "" || name === "." || name === "..")) return "is not written as a plain path";
  return undefined;
}

/** `within` the folder and not the folder itself; both plain paths. */
export function isWithin(folder: string, path: string): boolean {
  return pathProblem(path) === undefined && path.startsWith(`${folder}/`);
}

/** For messages: nothing of a foreign text reaches a terminal unquoted. */
export function thingName({ kind, path }: MadeThing): string {
  return `${quote(kind)} ${quote(path)}`;
}
