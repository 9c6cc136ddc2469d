import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { examineLedger, type LedgerReport, SEAL_VERB } from "../../src/core/examine-ledger.ts";
import { type ChainLine, linkTo, openLines, tellsAllOpen } from "../../src/core/ledger-chain.ts";
import type { LedgerEntry } from "../../src/core/model/home.ts";
import { hashOf } from "./support/samples.ts";

const AT = "2027-01-01T00:00:00Z";

/** As it would be read from a file: hashed with all that it says. */
const lineOf = (entry: Partial<LedgerEntry>): ChainLine => {
  const whole = { at: AT, operation: "o", verb: "exec", ...entry };
  return { number: 0, hash: hashOf(JSON.stringify(whole)), entry: whole };
};
const numbered = (lines: readonly ChainLine[]): ChainLine[] => lines.map((line, at) => ({ ...line, number: at + 1 }));
const examine = (lines: readonly ChainLine[], open: readonly string[] = []): LedgerReport =>
  examineLedger(numbered(lines), open.length === 0 ? [] : [{ of: "generation 7", open }]);

/** The fewest last lines that tell all that is open. */
function windowOf(lines: readonly ChainLine[]): readonly ChainLine[] {
  for (let count = 1; ; count += 1) {
    const window = lines.slice(-count);
    if (count >= lines.length || tellsAllOpen(window)) return window;
  }
}

/** Each number is how many of the lines before it a writer has not seen, because they came between its look and its write. */
function racing(unseen: readonly number[], old = 0): ChainLine[] {
  const lines: ChainLine[] = Array.from({ length: old }, (_, at) => lineOf({ operation: `old-${at}` }));
  for (const [at, behind] of unseen.entries()) {
    const seen = lines.slice(0, Math.max(0, lines.length - behind));
    const open = openLines(windowOf(seen));
    assert.deepEqual(open, openLines(seen), "the last lines tell what all tell");
    lines.push(lineOf({ operation: `new-${at}`, ...linkTo(open) }));
  }
  return lines;
}

const ledgers = fc
  .record({
    old: fc.nat({ max: 3 }),
    unseen: fc.array(fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, fc.nat({ max: 6 })), {
      minLength: 2,
      maxLength: 25,
    }),
  })
  .map(({ old, unseen }) => ({ old, lines: racing(unseen, old) }));

test("the first line names nothing, each later one the line before it", () => {
  const lines = racing([0, 0, 0]);
  assert.deepEqual(
    lines.map(({ entry }) => entry.previous),
    [null, lines[0]?.hash, lines[1]?.hash],
  );
  assert.ok(lines.every(({ entry }) => !("also" in entry)));
  assert.deepEqual(examine(lines), { lines: 3, chainedFrom: { line: 1, at: AT }, breaks: [], sealed: 0 });
});

test("lines of writers that raced are both named by the next one", () => {
  const lines = racing([0, 0, 1, 0, 0]);
  assert.deepEqual(
    lines.map(({ entry: { previous, also } }) => [previous, also]),
    [
      [null, undefined],
      [lines[0]?.hash, undefined],
      [lines[0]?.hash, undefined],
      [lines[2]?.hash, [lines[1]?.hash]],
      [lines[3]?.hash, undefined],
    ],
  );
});

test("lines of an older Enginery come before the chain, and the first chained one says from where it holds", () => {
  const lines = racing([0, 0], 3);
  assert.equal(lines[3]?.entry.previous, lines[2]?.hash);
  assert.deepEqual(examine(lines).chainedFrom, { line: 4, at: AT });
  assert.deepEqual(examine(lines).breaks, []);
  const bare = examine(racing([], 3));
  assert.deepEqual([bare.lines, bare.chainedFrom, bare.breaks], [3, undefined, []]);
});

test("no false alarm: whatever the writers have not seen of each other", () => {
  fc.assert(
    fc.property(ledgers, ({ lines }) => {
      assert.deepEqual(examine(lines, openLines(lines)).breaks, []);
      // whatever of it a power cut leaves
      for (let end = 0; end <= lines.length; end += 1) assert.deepEqual(examine(lines.slice(0, end)).breaks, []);
    }),
    { numRuns: 2000 },
  );
});

/** Of the lines that are chained, and the one before them. */
const held = (old: number, lines: readonly ChainLine[]): number[] =>
  lines.flatMap((_, at) => (at >= Math.max(0, old - 1) ? [at] : []));

test("a line altered, removed, doubled, moved or put in between is told, wherever it is", () => {
  const tampering: Readonly<Record<string, (lines: ChainLine[], at: number) => ChainLine[] | undefined>> = {
    altered: (lines, at) => lines.with(at, lineOf({ ...lines[at]?.entry, verb: "pin" })),
    "no line any more": (lines, at) => lines.toSpliced(at, 1),
    removed: (lines, at) => lines.toSpliced(at, 1),
    "removed, with the next": (lines, at) => lines.toSpliced(at, 2),
    doubled: (lines, at) => lines.toSpliced(at, 0, lines[at] as ChainLine),
    swapped: (lines, at) => {
      const [one, other] = lines.slice(at, at + 2);
      return one && other && lines.toSpliced(at, 2, other, one);
    },
    "put in, without a chain": (lines, at) => lines.toSpliced(at + 1, 0, lineOf({ operation: "forged" })),
    "put in, and named": (lines, at) =>
      lines.toSpliced(at + 1, 0, lineOf({ operation: "forged", ...linkTo(openLines(lines.slice(0, at + 1))) })),
    "put in, as if its writer had been slow": (lines, at) =>
      lines.toSpliced(at + 1, 0, lineOf({ operation: "forged", ...linkTo(openLines(lines.slice(0, at))) })),
  };
  let told = 0;
  fc.assert(
    fc.property(ledgers, ({ old, lines }) => {
      for (const [what, tamper] of Object.entries(tampering)) {
        for (const at of held(old, lines)) {
          const changed = tamper([...lines], at);
          // what is put behind all that is there is a line more, and no lie about any other
          if (changed === undefined || (what.startsWith("put in") && at === lines.length - 1)) continue;
          const { breaks } = examine(changed, openLines(lines));
          // lines before the chain can be added to in silence, but for the one before it
          if (breaks.length === 0 && at < old) continue;
          told += 1;
          assert.ok(breaks.length > 0, `${what} at ${at} of ${lines.length}`);
          const later = goOn(changed, 3);
          assert.ok(examine(later, openLines(lines)).breaks.length > 0, `${what} at ${at}: covered up by later lines`);
        }
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(told > 10_000);
});

function goOn(lines: readonly ChainLine[], count: number): ChainLine[] {
  const more = [...lines];
  for (let at = 0; at < count; at += 1)
    more.push(lineOf({ operation: `later-${at}`, ...linkTo(openLines(windowOf(more))) }));
  return more;
}

test("an end that is cut off is told by whatever remembers it, and by nothing else", () => {
  const lines = racing([0, 0, 1, 0, 2, 0]);
  for (let end = 0; end < lines.length; end += 1) {
    const cut = lines.slice(0, end);
    assert.deepEqual(examine(cut).breaks, []);
    const [found, ...others] = examine(cut, openLines(lines)).breaks;
    assert.deepEqual([found?.of, found?.line, others], ["generation 7", undefined, []]);
  }
});

test("a line that is there twice is told at once, by nothing but itself", () => {
  const lines = racing([0, 0, 0]);
  const last = lines[2] ?? assert.fail();
  assert.deepEqual(examine([...lines, last]).breaks, [{ of: last.hash, line: 4, missing: [], foreign: [last.hash] }]);
});

test("one break is told once, and what follows it is judged by itself", () => {
  const lines = racing(Array.from({ length: 50 }, () => 0));
  assert.equal(examine(lines.toSpliced(20, 1)).breaks.length, 1);
  assert.equal(examine(lines.toSpliced(20, 10)).breaks.length, 1);
  assert.equal(examine(lines.with(20, lineOf({ verb: "pin" }))).breaks.length, 1 + 1, "and it is not chained itself");
  const twice = lines.toSpliced(40, 1).toSpliced(20, 1);
  assert.deepEqual(
    examine(goOn(twice, 5)).breaks.map(({ line }) => line),
    [21, 40],
  );
});

test("a break that a later line has put on record is none, until something else changes", () => {
  const lines = racing([0, 0, 0, 0, 0, 0]);
  const removed = lines.toSpliced(2, 1);
  const { breaks } = examine(removed, ["0".repeat(64)]);
  assert.equal(breaks.length, 2);
  const seal = lineOf({ verb: SEAL_VERB, detail: { breaks }, ...linkTo(openLines(windowOf(removed))) });
  const sealed = examine([...removed, seal], ["0".repeat(64)]);
  assert.deepEqual([sealed.breaks, sealed.sealed], [[], 2]);
  const again = goOn([...removed, seal], 2);
  assert.deepEqual(examine(again, ["0".repeat(64)]).breaks, []);
  assert.equal(
    examine(again.toSpliced(1, 1), ["0".repeat(64)]).breaks.length,
    1,
    "the line before the break is changed too",
  );
  assert.equal(examine(again.toSpliced(3, 1), ["0".repeat(64)]).breaks.length, 1);
  assert.deepEqual(
    examine([...removed, lineOf({ verb: SEAL_VERB, detail: { breaks } })]).breaks.length,
    2,
    "a line without a chain puts nothing on record",
  );
  for (const breaks of [null, [null], ["x"], [{ of: 1 }], {}])
    assert.deepEqual(
      examine(racing([0])).breaks,
      examine([lineOf({ verb: SEAL_VERB, detail: { breaks }, previous: null })]).breaks,
    );
});
