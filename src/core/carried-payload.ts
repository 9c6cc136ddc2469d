import * as v from "valibot";
import { canonicalJson, parseJson } from "./json.ts";
import type { Version } from "./model/manifest.ts";
import { countShape, formatShape, mapShape, nameShape, pathShape, shaped, versionShape } from "./shapes.ts";

/**
 * What a single-file program carries behind itself (docs/LAYOUT.md, "Single file"): files of a repository, one after the other, then their
 * table, then this many bytes that say where it begins. None of it is believed: it is verified as what comes from a mirror is.
 */
export const FOOTER_BYTES = 72;
/** A signature at the end of a program for Windows begins at such a step. */
export const PAYLOAD_STEP = 8;
const MAGIC = "ENGINERY-CARRIES";
const FORMAT = 1;

export interface PayloadFooter {
  /** From the first byte that is carried to the last of the footer. */
  readonly bytes: number;
  readonly tableBytes: number;
  /** Of the table: a program that was cut or altered is found out before it is asked for anything. */
  readonly tableSha256: string;
}

export interface PayloadTable {
  readonly channel: string;
  /** The trusted root, as a path among the files. */
  readonly root: string;
  readonly releases: readonly { readonly engine: string; readonly version: Version }[];
  /** From a path below the repository's base to where it lies, counted from the payload's first byte. */
  readonly files: Readonly<Record<string, PayloadFile>>;
}

export interface PayloadFile {
  readonly offset: number;
  readonly bytes: number;
}

export function encodeFooter({ bytes, tableBytes, tableSha256 }: PayloadFooter): Uint8Array {
  const out = new Uint8Array(FOOTER_BYTES);
  const view = new DataView(out.buffer);
  for (const [at, letter] of [...MAGIC].entries()) out[at] = letter.charCodeAt(0);
  view.setBigUint64(16, BigInt(FORMAT), true);
  view.setBigUint64(24, BigInt(bytes), true);
  view.setBigUint64(32, BigInt(tableBytes), true);
  for (let at = 0; at < 32; at++) out[40 + at] = Number.parseInt(tableSha256.slice(at * 2, at * 2 + 2), 16);
  return out;
}

/** Undefined where these are no footer, or one of a format that is not known. `end`: how many bytes there are up to its own last. */
export function parseFooter(bytes: Uint8Array, end: number): PayloadFooter | undefined {
  if (bytes.length !== FOOTER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if ([...MAGIC].some((letter, at) => bytes[at] !== letter.charCodeAt(0))) return undefined;
  if (view.getBigUint64(16, true) !== BigInt(FORMAT)) return undefined;
  const [whole, table] = [Number(view.getBigUint64(24, true)), Number(view.getBigUint64(32, true))];
  if (whole > end || table + FOOTER_BYTES > whole) return undefined;
  const hex = Array.from(bytes.subarray(40), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { bytes: whole, tableBytes: table, tableSha256: hex };
}

const tableShape = v.object({
  format: formatShape,
  channel: nameShape,
  root: pathShape,
  releases: v.array(v.object({ engine: nameShape, version: versionShape })),
  files: mapShape(pathShape, v.object({ offset: countShape, bytes: countShape })),
});

export function encodePayloadTable(table: PayloadTable): Uint8Array {
  return canonicalJson({ format: FORMAT, ...table });
}

/** Errors: `document-invalid`. */
export function parsePayloadTable(bytes: Uint8Array): PayloadTable {
  return shaped(tableShape, parseJson(bytes, "The table of what is carried"), "The table of what is carried");
}
