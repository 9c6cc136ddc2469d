import type { Clock } from "../ports/clock.ts";

/** The machine's clock. */
export const nodeClock: Clock = { now: () => Date.now() };
