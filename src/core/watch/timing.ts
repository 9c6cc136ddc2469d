/** How long to wait. `chance` is a number from 0 up to 1: many nodes must not ask at the same instant. */

/** Between two readings of the epoch; while they fail, longer and longer, but never so long that the epoch is late for good. */
export function readingDelay(
  { intervalMs, failures }: { readonly intervalMs: number; readonly failures: number },
  chance: number,
): number {
  return jittered(doubled(intervalMs, failures, Math.max(intervalMs, LONGEST_READING_MS)), chance);
}

/** Between two upgrades. `urgent`: a release that is due is not here. */
export function checkDelay(
  asked: { readonly checkEveryMs: number; readonly failures: number; readonly urgent: boolean },
  chance: number,
): number {
  const { checkEveryMs, failures, urgent } = asked;
  const longest = urgent ? Math.min(checkEveryMs, LONGEST_URGENT_MS) : checkEveryMs;
  const delay = failures === 0 ? longest : doubled(FIRST_RETRY_MS, failures - 1, longest);
  return jittered(Math.min(delay, longest), chance);
}

/** Before the next try of what was tried `failures` times. */
export function deliveryDelay(failures: number, chance: number): number {
  return jittered(doubled(FIRST_DELIVERY_MS, failures - 1, LONGEST_DELIVERY_MS), chance);
}

const LONGEST_READING_MS = 30_000;
const LONGEST_URGENT_MS = 60_000;
const FIRST_RETRY_MS = 10_000;
const FIRST_DELIVERY_MS = 1_000;
const LONGEST_DELIVERY_MS = 30_000;
const JITTER = 0.1;

function doubled(first: number, times: number, longest: number): number {
  return Math.min(longest, first * 2 ** Math.min(times, 30));
}

function jittered(delay: number, chance: number): number {
  return Math.round(delay * (1 - JITTER + 2 * JITTER * chance));
}
