import type { TestContext } from "node:test";

/** What a test counts beyond itself: scripts/safety.ts adds it up. A test without a tally is one case. */
export interface Tally {
  readonly cases: number;
  /** What was passed over on purpose, and why. What lacks its means is skipped by `node:test` instead. */
  readonly leftOut?: readonly { readonly count: number; readonly why: string }[];
}

export const TALLY = "safety-tally ";

/** Tells the runner how many cases this test was, and what it passed over. What is broken fails the test itself: see `requireNone`. */
export function tally(context: TestContext, counted: Tally): void {
  context.diagnostic(`${TALLY}${JSON.stringify(counted)}`);
}

export const BROKEN = /^(\d+) broken\b/;

/** Fails the test where anything is broken; the runner counts each of them. Shows the first twenty. */
export function requireNone(broken: readonly string[]): void {
  if (broken.length === 0) return;
  const more = broken.length > 20 ? `\n... and ${broken.length - 20} more` : "";
  throw new Error(`${broken.length} broken\n${broken.slice(0, 20).join("\n")}${more}`);
}
