import { LengthOrHashMismatchError, UnsignedMetadataError } from "@tufjs/models/dist/error.js";
import { BadVersionError, DownloadError, ExpiredMetadataError, PersistError, RuntimeError } from "tuf-js/dist/error.js";
import { EngineryError, type ErrorCode } from "../../core/errors.ts";
import type { CheckedMetadata, MetadataRole } from "../../core/metadata-rules.ts";
import { expiredError } from "./expired-error.ts";

/** What tuf-js was about to take when it threw. */
export interface Refusal {
  readonly error: unknown;
  readonly role: MetadataRole;
  /** What the repository offers. */
  readonly offered?: CheckedMetadata | undefined;
  /** The version of that role that was believed before. */
  readonly seen?: number | undefined;
  /** The role that expired, which may be one that was taken before. */
  readonly expired?: { readonly role: MetadataRole; readonly expires: string } | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Every error of tuf-js and @tufjs/models as one of ours, with what was offered and what was seen before. */
export function translate(refusal: Refusal): EngineryError {
  const { error, role, offered, seen, expired, now } = refusal;
  if (error instanceof EngineryError) return error;
  const said = error instanceof Error ? error.message : String(error);
  const which = offered === undefined ? role : `${role} (version ${offered.version})`;
  const make = (code: ErrorCode, message: string) =>
    new EngineryError(code, message, { cause: error, context: { role, seen, offered: offered?.version } });

  if (error instanceof UnsignedMetadataError) {
    return make("trust-signature", `The offered ${which} has too few valid signatures: ${said}.`);
  }
  if (error instanceof ExpiredMetadataError) {
    const { role: late, expires } = expired ?? { role, expires: offered?.expires ?? "" };
    return expiredError(late, expires, now, { cause: error });
  }
  if (error instanceof BadVersionError) {
    return make("trust-rollback", `The offered ${which} is older than what was seen before: ${said}.`);
  }
  if (error instanceof LengthOrHashMismatchError) {
    const code = said.startsWith("Expected length") ? "length-mismatch" : "hash-mismatch";
    return make(code, `The offered ${which} is not the one that was signed for: ${said}.`);
  }
  if (error instanceof DownloadError) return make("network", `The ${which} could not be fetched: ${said}.`);
  if (error instanceof PersistError || error instanceof RuntimeError) {
    return make("internal", `The TUF library failed at ${which}: ${said}.`);
  }
  return make("trust-format", `The offered ${which} cannot be taken: ${said}.`);
}
