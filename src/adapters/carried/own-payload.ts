import { EngineryError } from "../../core/errors.ts";
import { EMBEDDED } from "../../core/location.ts";
import type { Carried } from "../../ports/carried.ts";
import type { FetchedBody, FetchOptions } from "../../ports/fetcher.ts";
import { openPayload, type Payload } from "./payload.ts";

/** Among what a single file was made with, where it was made to carry something. */
const MARK = "carries";

let own: { readonly payload: Payload | undefined } | undefined;

/** What this program carries behind itself; looked for once. Errors: `document-invalid`, where it was cut off too. */
function ownPayload(): Payload | undefined {
  own ??= { payload: openPayload(process.execPath, { table: madeWith(), image: IMAGE }) };
  return own.payload;
}

/** What runs, and not what has its name: that may have been replaced, renamed or removed since. */
const IMAGE = process.platform === "linux" ? "/proc/self/exe" : undefined;

/** sha256 of the table that it was made with. */
function madeWith(): string | undefined {
  const single = process.getBuiltinModule("node:sea");
  return single.isSea() && single.getAssetKeys().includes(MARK) ? single.getAsset(MARK, "utf8") : undefined;
}

/** Undefined where this program carries none, and was made so. Errors: `document-invalid`. */
export function carriedReleases(): Carried | undefined {
  return ownPayload()?.releases();
}

/** Errors: `missing`, `length-mismatch`, `document-invalid`. */
export async function openCarried(path: string, options: FetchOptions): Promise<FetchedBody> {
  const payload = ownPayload();
  if (payload !== undefined) return payload.open(path, options);
  throw new EngineryError("missing", `This program carries no repository, and ${EMBEDDED} names it.`, {
    hint: "Use the single file that this home was made with, or a later one.",
    context: { location: EMBEDDED },
  });
}
