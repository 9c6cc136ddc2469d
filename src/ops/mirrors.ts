import { EngineryError, type ErrorCode, isEngineryError } from "../core/errors.ts";
import { redacted } from "../core/location.ts";
import type { World } from "./world.ts";

/** What another mirror may do better. Anything else is our own trouble or lies in what was signed. */
const MIRRORS_FAULT: readonly ErrorCode[] = [
  "hash-mismatch",
  "length-mismatch",
  "network",
  "timeout",
  "http-status",
  "missing",
  "offline",
  "redirect-refused",
  "source-refused",
];
/** A mirror that served other bytes than were signed. */
const LIES: readonly ErrorCode[] = ["hash-mismatch", "length-mismatch"];

/**
 * Tries the locations in their order until one serves what `take` wants; each that fails is named in a note. Errors: where all fail, that of a mirror
 * that lied, else of the first that did not merely lack it, else of the first.
 */
export async function mirrors<T>(
  world: World,
  locations: readonly string[],
  take: (location: string) => Promise<T>,
): Promise<T> {
  const failures: EngineryError[] = [];
  for (const location of locations) {
    try {
      return await take(location);
    } catch (error) {
      if (!isEngineryError(error, ...MIRRORS_FAULT)) throw error;
      failures.push(error);
      world.reporter.note(
        `${redacted(location)} ${isLie(error) ? "does not serve what was signed" : "failed"}: ${error.message}`,
      );
    }
  }
  const worst = failures.find(isLie) ?? failures.find(({ code }) => code !== "missing") ?? failures[0];
  throw worst ?? new EngineryError("missing", "There is no mirror to fetch from.");
}

const isLie = (error: EngineryError): boolean => LIES.includes(error.code);
