import assert from "node:assert/strict";
import { test } from "node:test";
import semver from "semver";
import { compareVersions, versionProblem } from "../../src/core/version.ts";

const NUMBERS = ["0", "1", "9", "10", "01", "9007199254740991", "9007199254740992", "", "-1", "1a"];
const NAMES = ["0", "7", "10", "007", "a", "A", "alpha", "a-", "-", "--1", "1a", "0a", "", "\u00e9", "a_b", "a+b"];
const OTHERS = [
  "v1.0.0",
  "=1.0.0",
  " 1.0.0",
  "1.0.0 ",
  "1.0.0\n",
  "1.0",
  "1",
  "1.0.0.0",
  "1.0.0-",
  "1.0.0+b",
  "1.0.0-a+b",
  "",
  "a",
];

test("what is an exact version is what semver gives back unchanged", () => {
  const whole = NUMBERS.flatMap((number) => [`${number}.2.3`, `1.${number}.3`, `1.2.${number}`]);
  const before = NAMES.flatMap((name) => [`1.2.3-${name}`, ...NAMES.map((other) => `1.2.3-${name}.${other}`)]);
  const all = [...whole, ...before, ...OTHERS];
  for (const text of all) {
    assert.equal(versionProblem(text) === undefined, semver.valid(text) === text, JSON.stringify(text));
  }
  assert.ok(all.filter((text) => versionProblem(text) === undefined).length > 100);
  assert.equal(versionProblem(`1.0.0-${"a".repeat(58)}`), undefined);
  assert.notEqual(versionProblem(`1.0.0-${"a".repeat(59)}`), undefined);
});

test("versions stand in the order that semver says", () => {
  const names = NAMES.filter((name) => versionProblem(`1.0.0-${name}`) === undefined);
  const versions = [
    ...["0.0.0", "0.0.1", "0.1.0", "1.0.0", "1.0.10", "1.0.9", "1.10.0", "1.9.0", "10.0.0", "9.0.0"],
    ...names.flatMap((name) => [`1.0.0-${name}`, ...names.map((other) => `1.0.0-${name}.${other}`)]),
  ];
  for (const one of versions) {
    for (const other of versions) {
      assert.equal(Math.sign(compareVersions(one, other)), semver.compare(one, other), `${one} and ${other}`);
    }
  }
});

test("numbers that a double cannot tell apart are told apart", () => {
  assert.ok(compareVersions("1.0.0-9007199254740993", "1.0.0-9007199254740992") > 0);
});
