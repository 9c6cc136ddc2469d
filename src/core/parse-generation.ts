import * as v from "valibot";
import { EngineryError } from "./errors.ts";
import { takenExactly } from "./exact-shape.ts";
import { canonicalJson, ownJson, parseJson } from "./json.ts";
import type { Generation } from "./model/home.ts";
import type { Sha256 } from "./model/manifest.ts";
import { entriesShape } from "./parse-manifest.ts";
import {
  countShape,
  formatShape,
  idShape,
  instantShape,
  mapShape,
  nameShape,
  platformShape,
  positiveShape,
  reasonShape,
  sha256Shape,
  shaped,
  versionShape,
} from "./shapes.ts";

const installationShape = v.object({
  engine: nameShape,
  version: versionShape,
  platform: platformShape,
  tree: sha256Shape,
  bytes: countShape,
  files: countShape,
  entries: entriesShape,
});

const lateChangeShape = v.object({
  engine: nameShape,
  version: versionShape,
  validFrom: countShape,
  change: v.picklist(["added", "altered", "removed"]),
});

const generationShape = v.object({
  format: formatShape,
  number: positiveShape,
  operation: idShape,
  cause: v.picklist(["install", "upgrade", "rollback", "prune", "use", "repair"]),
  at: instantShape,
  channel: nameShape,
  trustSet: countShape,
  manifest: v.object({ serial: countShape, sha256: sha256Shape }),
  installations: v.array(installationShape),
  selections: mapShape(nameShape, versionShape),
  restores: v.exactOptional(positiveShape),
  holdsSerial: v.exactOptional(countShape),
  late: v.exactOptional(v.array(lateChangeShape)),
  reasons: v.exactOptional(mapShape(v.string(), reasonShape)),
  ledger: v.exactOptional(v.array(sha256Shape)),
});

/** How the bytes are hashed: core has no digest of its own. */
export type Sha256Of = (bytes: Uint8Array) => Sha256;

/** Canonical JSON with the member `checksum`, the sha256 of the canonical JSON of the rest: a torn write is told from a whole one. */
export function encodeGeneration(generation: Generation, sha256: Sha256Of): Uint8Array {
  const text = new TextDecoder().decode(canonicalJson({ ...generation, checksum: "" }));
  const checksum = sha256(bytesOf(text.replace(checksumMember(""), "")));
  return bytesOf(text.replace(checksumMember(""), checksumMember(checksum)));
}

/** As it stands between `channel` and `format` in canonical JSON: what is before it holds no such text, as quotes within strings are escaped. */
function checksumMember(checksum: string): string {
  return `"checksum":${JSON.stringify(checksum)},`;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Errors: `generation-unreadable`, for an empty, cut or altered record too. */
export function parseGeneration(bytes: Uint8Array, sha256: Sha256Of, what = "The generation"): Generation {
  const own = ownJson(bytes);
  if (isObject(own)) {
    const { checksum, ...rest } = own;
    const generation = isSpelledWith(checksum, bytes, sha256) ? takenExactly(generationShape, rest) : undefined;
    if (generation !== undefined) return generation;
  }
  const code = "generation-unreadable";
  const value = parseJson(bytes, what, { code });
  const { checksum, ...rest } = isObject(value) ? value : {};
  // what is spelled as `encodeGeneration` does is not spelled again: that takes as long as reading it
  if (!isSpelledWith(checksum, bytes, sha256) && checksum !== sha256(canonicalJson(rest))) {
    throw new EngineryError(code, `${what} does not agree with its own checksum.`);
  }
  return shaped(generationShape, rest, what, code);
}

/** Whether this is the checksum of the text that it stands in. */
function isSpelledWith(checksum: unknown, bytes: Uint8Array, sha256: Sha256Of): boolean {
  if (typeof checksum !== "string") return false;
  return checksum === sha256(bytesOf(new TextDecoder().decode(bytes).replace(checksumMember(checksum), "")));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
