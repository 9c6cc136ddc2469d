import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSchedule } from "../../src/core/check-schedule.ts";
import { parseEngineArgument } from "../../src/core/engine-argument.ts";
import { EngineryError } from "../../src/core/errors.ts";
import { canonicalJson } from "../../src/core/json.ts";
import { parsePin, parseSeal } from "../../src/core/parse-home.ts";
import { parseManifest } from "../../src/core/parse-manifest.ts";
import { isReservedOnWindows } from "../../src/core/tree-paths.ts";
import { checkVersion } from "../../src/core/version.ts";
import { SOUND_MANIFEST } from "./support/sound-manifest.ts";

const LOOSE = [
  "v1.2.3",
  " 1.2.3 ",
  "1.2.3\n",
  "=1.2.3",
  "1.2.3\t",
  "V1.2.3",
  "\u00a01.2.3",
  "1.2.3\0",
  "1.2",
  "01.2.3",
];
const ENDLESS = [
  "99999999999999999999.0.0",
  "9007199254740992.0.0",
  `1.0.0-${"a".repeat(300)}`,
  `1.0.0-${"1.".repeat(5000)}1`,
  `${"1".repeat(100_000)}.0.0`,
];
const RANGES = ["^1.0.0", "1.x", "*", ">=1 <2", "~1.2", "1 || 2", "1.0.0 - 2.0.0", "latest", ""];

/** Everywhere that a version comes in from outside. */
function refusedEverywhere(version: string): void {
  requireRefused(() => checkVersion(version), "bad-version", version);
  requireRefused(() => parseManifest(SOUND_MANIFEST.withVersions([version])), "document-invalid", version);
  const release = { format: 1, engine: "toy", version, tree: "a".repeat(64) };
  requireRefused(
    () => parsePin(canonicalJson({ ...release, tenant: "t", at: "2027-01-01T00:00:00Z" })),
    undefined,
    version,
  );
  requireRefused(
    () => parseSeal(canonicalJson({ ...release, platform: "any", bytes: 1, files: 1 })),
    undefined,
    version,
  );
}

test("121 versions that semver.valid takes and that are not exact", () => {
  for (const version of LOOSE) refusedEverywhere(version);
});

test("122 versions that are too long or too big", () => {
  for (const version of ENDLESS) refusedEverywhere(version);
});

test("123 build metadata, by which two versions would be one", () => {
  for (const version of ["1.0.0+a", "1.0.0+b", "1.0.0-rc.1+x", "1.0.0+"]) refusedEverywhere(version);
});

test("123 versions that are one folder where case does not count", () => {
  for (const pair of [
    ["1.2.3-CON", "1.2.3-con"],
    ["1.0.0-RC.1", "1.0.0-rc.1"],
  ]) {
    const manifest = parseManifest(SOUND_MANIFEST.withVersions(pair));
    requireRefused(() => checkSchedule(manifest), "schedule-duplicate-version", pair.join(" and "));
  }
  // By itself it names no device: that is what stands before the first dot.
  assert.ok(!isReservedOnWindows(checkVersion("1.2.3-CON")));
});

test("124 ranges are no versions, and cost nothing however long", () => {
  for (const range of RANGES) refusedEverywhere(range);
  const started = performance.now();
  const bombs = [
    `>=${" ".repeat(50_000)}1`,
    `1.0.0${"-".repeat(50_000)}`,
    `${"1.0.0 || ".repeat(10_000)}x`,
    `^${"1".repeat(50_000)}`,
  ];
  for (const bomb of bombs) {
    refusedEverywhere(bomb);
    requireRefused(() => parseEngineArgument(`toy@${bomb}`), "bad-version", "a bomb");
  }
  assert.ok(performance.now() - started < 1000, "a range was read as one");
});

function requireRefused(work: () => unknown, code: string | undefined, version: string): void {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof EngineryError, String(error));
    if (code !== undefined) assert.equal(error.code, code, error.message);
    return;
  }
  assert.fail(`${JSON.stringify(version.slice(0, 80))} was taken`);
}
