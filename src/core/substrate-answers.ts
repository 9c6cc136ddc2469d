import { unreadable } from "./epoch-reading.ts";
import type { JsonValue } from "./json.ts";
import { objectOf } from "./json-rpc.ts";

/** twox128("Session") and twox128("CurrentIndex"): where a Substrate chain keeps its session's number. */
export const SESSION_KEY = "0xcec5070d609dd3497f72bde07fc96ba072763800a36a99fdfc7c10f6415f6ee6";

/** Errors of all here: `epoch-unreadable`. */

/** The answer to `chain_getFinalizedHead`. */
export function blockHash(name: string, answer: JsonValue): string {
  if (typeof answer === "string" && /^0x[0-9a-f]{64}$/i.test(answer)) return answer;
  throw unreadable(name, "tells no hash of a finalized block");
}

/** The answer to `chain_getHeader`. A node that knows the first block alone knows nothing of the chain yet. */
export function blockHeight(name: string, answer: JsonValue): number {
  const number = objectOf(answer)?.["number"];
  const height = typeof number === "string" && /^0x[0-9a-f]{1,16}$/i.test(number) ? Number(number) : Number.NaN;
  if (!Number.isSafeInteger(height)) throw unreadable(name, "tells no height of its finalized block");
  if (height === 0) throw unreadable(name, "knows no finalized block but the first");
  return height;
}

/** The answer to `state_getStorage` of SESSION_KEY: a u32, little-endian. What is not stored is not 0. */
export function sessionNumber(name: string, answer: JsonValue): number {
  if (answer === null)
    throw unreadable(name, "keeps no session at its finalized block; a chain without sessions has ?unit=height");
  const [, ...bytes] =
    (typeof answer === "string" && /^0x([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(answer)) || [];
  if (bytes.length !== 4) throw unreadable(name, "keeps something else than a session's number");
  return Number.parseInt(bytes.toReversed().join(""), 16);
}

/** Of the answer to `system_health`: throws where the node is behind, or does not say that it is not. */
export function requireSynced(name: string, answer: JsonValue): void {
  const isBehind = objectOf(answer)?.["isSyncing"];
  if (isBehind === false) return;
  throw unreadable(name, isBehind === true ? "is catching up" : "does not say whether it is catching up");
}
