import assert from "node:assert/strict";
import { test } from "node:test";
import { alarmName } from "../../../src/core/watch/alarms.ts";
import { conditionsOf, type WatchFacts } from "../../../src/core/watch/conditions.ts";
import { ALARM_KINDS } from "../../../src/core/watch/kinds.ts";
import type { ReleaseFacts } from "../../../src/core/watch/release-conditions.ts";

const NOW = Date.UTC(2027, 0, 1);
const DAY_MS = 86_400_000;
const WELL: WatchFacts = {
  now: NOW,
  unit: "session",
  epoch: 98,
  lead: 3,
  pace: { epoch: 98, beganAt: 0, msPerEpoch: 60_000 },
  graceMs: 60_000,
  untold: undefined,
  unwritten: undefined,
  sources: [{ name: "file:/e", failingMs: 0, astrayMs: 0, epoch: 98 }],
  releases: [],
  expiries: { root: NOW + 300 * DAY_MS, timestamp: NOW + DAY_MS },
  disk: { freeBytes: 100, reserveBytes: 100 },
  upgrade: undefined,
  late: [],
  home: undefined,
};
const NEXT: ReleaseFacts = {
  engine: "xs",
  version: "2.0.0",
  role: "next",
  validFrom: 100,
  installed: true,
  tried: false,
  flaws: [],
};
const IN_EFFECT: ReleaseFacts = { ...NEXT, version: "1.0.0", role: "in-effect", validFrom: 0 };
const damaged = {
  what: "damaged",
  message: '"xs" is not as signed: changed.',
  mend: "enginery verify --repair",
} as const;
const unfit = { what: "not-provable", message: "xs needs GLIBC 2.99.", mend: "enginery verify" } as const;

const found = (facts: Partial<WatchFacts>) => conditionsOf({ ...WELL, ...facts }).map(alarmName);
const release = (facts: Partial<ReleaseFacts>) => found({ releases: [{ ...NEXT, ...facts }] });
const problem = { code: "io", message: "It broke.", hint: "Look." };

test("nothing wrong, nothing said", () => {
  assert.deepEqual(found({ releases: [IN_EFFECT, NEXT] }), []);
});

test("the next release: missing, damaged, unfit, withdrawn; from the lead on", () => {
  const missing = { installed: false, tried: true };
  assert.deepEqual(release(missing), ["next-not-installed xs@2.0.0"]);
  assert.deepEqual(release({ ...missing, tried: false }), [], "an upgrade is at it");
  assert.deepEqual(release({ ...missing, validFrom: 101 }), ["next-not-installed xs@2.0.0"]);
  assert.deepEqual(release({ ...missing, validFrom: 102 }), [], "beyond the lead");
  assert.deepEqual(release({ flaws: [damaged] }), ["next-damaged xs@2.0.0"]);
  assert.deepEqual(release({ flaws: [unfit] }), ["next-not-provable xs@2.0.0"]);
  assert.deepEqual(release({ flaws: [unfit, damaged] }), ["next-damaged xs@2.0.0", "next-not-provable xs@2.0.0"]);
  assert.deepEqual(release({ installed: false, tried: true, flaws: [damaged] }), ["next-not-installed xs@2.0.0"]);
  assert.deepEqual(release({ withdrawn: "bad", validFrom: 500 }), ["next-withdrawn xs@2.0.0"], "however far");
});

test("the release in effect has no lead", () => {
  const inEffect = (facts: Partial<ReleaseFacts>) => found({ releases: [{ ...IN_EFFECT, ...facts }] });
  assert.deepEqual(inEffect({ installed: false, tried: true }), ["in-effect-not-installed xs@1.0.0"]);
  assert.deepEqual(inEffect({ flaws: [damaged] }), ["in-effect-damaged xs@1.0.0"]);
  assert.deepEqual(inEffect({ flaws: [unfit] }), ["in-effect-not-provable xs@1.0.0"]);
  assert.deepEqual(inEffect({ withdrawn: "bad" }), ["in-effect-withdrawn xs@1.0.0"]);
});

test("epochs left and the time they take are told, and why an upgrade did not bring it", () => {
  const [condition] = conditionsOf({
    ...WELL,
    releases: [{ ...NEXT, installed: false, tried: true, failure: "the publisher is away." }],
  });
  assert.deepEqual([condition?.epochsLeft, condition?.secondsLeft], [2, 120]);
  assert.equal(
    condition?.message,
    "xs@2.0.0, in effect from session 100 on, is not installed here: the publisher is away.",
  );
  assert.equal(condition?.mend, "enginery install xs@2.0.0");
});

test("with the epoch unknown no release is judged, and that is told at once", () => {
  const untold = { forMs: 1, problem: "No source answers." };
  assert.deepEqual(found({ epoch: undefined, untold, releases: [{ ...NEXT, withdrawn: "bad" }] }), ["epoch-unknown"]);
  assert.deepEqual(found({ untold }), [], "what was seen still counts");
  assert.deepEqual(found({ untold: { ...untold, forMs: 60_000 } }), ["epoch-unknown"]);
});

test("an epoch that cannot be written, a home that cannot be read", () => {
  assert.deepEqual(found({ unwritten: problem }), ["epoch-not-recorded"]);
  assert.deepEqual(found({ home: problem }), ["home-unreadable"]);
});

test("sources that fail or go astray are told after the grace, each by name", () => {
  const source = { name: "http://a", failingMs: 0, astrayMs: 0 };
  assert.deepEqual(found({ sources: [{ ...source, failingMs: 59_999 }] }), []);
  assert.deepEqual(
    found({
      sources: [
        { ...source, failingMs: 60_000 },
        { ...source, name: "b" },
      ],
    }),
    ["source-failing http://a"],
  );
  assert.deepEqual(found({ sources: [{ ...source, astrayMs: 60_000, epoch: 9000 }] }), [
    "source-disagreement http://a",
  ]);
});

test("trust: expired, a week ahead what people renew, and what ends before the next release is here", () => {
  const expiring = (role: string, inMs: number, facts: Partial<WatchFacts> = {}) =>
    found({ expiries: { [role]: NOW + inMs }, ...facts }).filter((name) => name.startsWith("trust"));
  assert.deepEqual(expiring("timestamp", 0), ["trust-expires timestamp"]);
  assert.deepEqual(expiring("timestamp", 60_000), [], "a machine renews it");
  assert.deepEqual(expiring("root", 7 * DAY_MS), ["trust-expires root"]);
  assert.deepEqual(expiring("targets", 7 * DAY_MS + 1), []);
  const releases = [{ ...NEXT, installed: false }];
  assert.deepEqual(expiring("timestamp", 119_000, { releases }), ["trust-expires timestamp"]);
  assert.deepEqual(expiring("timestamp", 121_000, { releases }), []);
  assert.deepEqual(expiring("timestamp", 119_000, { releases, pace: undefined }), [], "nobody knows how long");
});

test("disk: below the reserve, or an upgrade that found no room", () => {
  assert.deepEqual(found({ disk: { freeBytes: 99, reserveBytes: 100 } }), ["disk-low"]);
  assert.deepEqual(found({ disk: undefined }), []);
  const upgrade = { ...problem, code: "disk-space", forMs: 0, passing: false, patienceMs: 900_000 };
  assert.deepEqual(found({ upgrade }), ["disk-low", "upgrade-failed"]);
});

test("upgrades: what may pass has its time, what is refused has none", () => {
  const upgrade = { ...problem, code: "network", forMs: 899_999, passing: true, patienceMs: 900_000 };
  assert.deepEqual(found({ upgrade }), []);
  assert.deepEqual(found({ upgrade: { ...upgrade, forMs: 900_000 } }), ["upgrade-failed"]);
  assert.deepEqual(found({ upgrade: { ...upgrade, forMs: 0, passing: false } }), ["upgrade-failed"]);
});

test("late changes", () => {
  const late = [{ engine: "xs", version: "1.0.0", validFrom: 90, change: "altered" }] as const;
  assert.deepEqual(found({ late }), ["late-change xs@1.0.0"]);
});

test("every kind of alarm is raised by something here", () => {
  const all = conditionsOf({
    ...WELL,
    untold: { forMs: 60_000, problem: "x" },
    unwritten: problem,
    home: problem,
    sources: [{ name: "a", failingMs: 60_000, astrayMs: 60_000 }],
    expiries: { root: NOW },
    disk: { freeBytes: 0, reserveBytes: 1 },
    upgrade: { ...problem, forMs: 0, passing: false, patienceMs: 0 },
    late: [{ engine: "xs", version: "1.0.0", validFrom: 90, change: "added" }],
    releases: [IN_EFFECT, NEXT].flatMap((one) => [
      { ...one, withdrawn: "bad", flaws: [damaged, unfit] },
      { ...one, installed: false, tried: true },
    ]),
  });
  assert.deepEqual(new Set(all.map(({ kind }) => kind)), new Set(Object.keys(ALARM_KINDS)));
});
