import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseEngineArgument } from "../../src/core/engine-argument.ts";
import { parseEpoch } from "../../src/core/epoch.ts";
import { nearest } from "../../src/core/nearest.ts";
import { checkVersion, compareVersions, parseVersionArgument } from "../../src/core/version.ts";
import { refuses } from "./support/samples.ts";

test("a version is exact semver and nothing around it", () => {
  for (const version of ["0.0.0", "1.2.3", "0.14.3-u16.1", "1.0.0-rc.1", "1.2.3-CON", "99999.0.1"]) {
    assert.equal(checkVersion(version), version);
  }
  const wrong = [
    "v1.2.3",
    " 1.2.3",
    "1.2.3\n",
    "1.2.3 ",
    "=1.2.3",
    "1.2",
    "1",
    "",
    "1.0.0+a",
    "01.2.3",
    "1.2.3.4",
    "x",
    "1.2.x",
  ];
  for (const version of [...wrong, "99999999999999999999.0.0", `1.0.0-${"a".repeat(60)}`, "^1.2.3", "1.2.3-"]) {
    refuses("bad-version", () => checkVersion(version));
  }
  refuses("document-invalid", () => checkVersion("1", "document-invalid"));
});

test("X.Y is X.Y.0, for people only", () => {
  assert.equal(parseVersionArgument("1.1"), "1.1.0");
  assert.equal(parseVersionArgument("1.1.2"), "1.1.2");
  for (const text of ["1", "1.1.", ".1", "v1.1", "1.1-rc", "1.01", "1.1\n"])
    refuses("bad-version", () => parseVersionArgument(text));
});

test("versions are ordered by precedence", () => {
  const sorted = ["0.9.0", "0.14.3-u16.1", "0.14.3-u16.2", "0.14.3", "0.15.0", "1.0.0-alpha", "1.0.0-rc.1", "1.0.0"];
  assert.deepEqual(sorted.toReversed().sort(compareVersions), sorted);
});

test("ENGINE and ENGINE@VERSION", () => {
  assert.deepEqual(parseEngineArgument("xsnap"), { engine: "xsnap" });
  assert.deepEqual(parseEngineArgument("xsnap@0.15"), { engine: "xsnap", version: "0.15.0" });
  assert.deepEqual(parseEngineArgument("xsnap@0.14.3-u16.1"), { engine: "xsnap", version: "0.14.3-u16.1" });
  for (const text of ["", "@1.0.0", "X", "constructor", "a b@1.0.0"])
    refuses("bad-name", () => parseEngineArgument(text));
  for (const text of ["xsnap@", "xsnap@latest", "xsnap@1@2", "xsnap@v1.0.0"])
    refuses("bad-version", () => parseEngineArgument(text));
});

test("an epoch is a whole number from 0 to the greatest safe one", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (epoch) => assert.equal(parseEpoch(String(epoch)), epoch)));
  const wrong = [
    "",
    "-1",
    "1.5",
    "1e3",
    "0x10",
    "007",
    " 1",
    "1\n",
    "9007199254740992",
    "99999999999999999999",
    "NaN",
    "-0",
    "+1",
  ];
  for (const text of wrong) refuses("bad-epoch", () => parseEpoch(text));
});

test("the nearest word", () => {
  const known = ["keepGenerations", "keepEpochs", "channel"];
  assert.equal(nearest("keepgeneration", known), "keepGenerations");
  assert.equal(nearest("chanel", known), "channel");
  assert.equal(nearest("x", []), undefined);
});
