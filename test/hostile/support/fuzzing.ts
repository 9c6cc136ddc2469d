import type { TestContext } from "node:test";
import fc from "fast-check";
import { tally } from "../../safety/support/tally.ts";

/** How many times as many cases: 1 in a plain test run, more in the safety suite (`FUZZ_FACTOR`). */
export const FACTOR = Number(process.env["FUZZ_FACTOR"] ?? 1);
/** Fixed, so that a failure is the same again; another one with `FUZZ_SEED`. */
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_270_101);

/** Runs a property on `cases` inputs (times the factor), and says how many there were. */
export async function fuzz(context: TestContext, cases: number, property: fc.IRawProperty<unknown>): Promise<void> {
  const numRuns = Math.ceil(cases * FACTOR);
  await fc.assert(property, { numRuns, seed: SEED });
  context.diagnostic(`${numRuns} cases, seed ${SEED}`);
  tally(context, { cases: numRuns });
}

/** Bytes put over, into or out of sound ones, several times. */
export const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.oneof(fc.constant(0), fc.constant(1), fc.constant(512), fc.nat(700)),
    put: fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.constant(new Uint8Array(512)), fc.constant(Uint8Array.of(0))),
  }),
  { minLength: 1, maxLength: 4 },
);

export function edited(sound: Uint8Array, changes: readonly { at: number; cut: number; put: Uint8Array }[]): Buffer {
  return changes.reduce((bytes, { at, cut, put }) => {
    const place = Math.floor(at * bytes.length);
    return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)]);
  }, Buffer.from(sound));
}
