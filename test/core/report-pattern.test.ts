import assert from "node:assert/strict";
import { test } from "node:test";
import { libraryReportPattern, reportedVersion, reportPattern } from "../../src/core/report-pattern.ts";

test("a report names the version whole: not a longer one, nor what came before its release", () => {
  const pattern = new RegExp(reportPattern("1.2.3"));
  for (const said of [
    "1.2.3",
    "toy 1.2.3",
    "toy v1.2.3 (XS 13.3.0)",
    "toy-1.2.3, built today",
    "toy 1.2.3.",
    "1.2.3+abc",
  ])
    assert.match(said, pattern);
  for (const said of [
    "1.2.30",
    "11.2.3",
    "0.1.2.3",
    "1.2.3.4",
    "1.2.3-rc.1",
    "1.2.3rc1",
    "1.2.3_1",
    "1x2x3",
    "1.2",
    "",
  ])
    assert.doesNotMatch(said, pattern);
  assert.match("x 1.2.3-rc.1", new RegExp(reportPattern("1.2.3-rc.1")));
  assert.doesNotMatch("x 1.2.3-rc.10", new RegExp(reportPattern("1.2.3-rc.1")));
});

test("a library that is loaded as X.Y may report X.Y for X.Y.0", () => {
  const pattern = new RegExp(libraryReportPattern("1.1.0"));
  for (const said of ["1.1", "pink 1.1", "1.1.0"]) assert.match(said, pattern);
  for (const said of ["1.2", "1.10", "1.1.1", "1.1.0.1", "11.1", "1.1-rc.1"]) assert.doesNotMatch(said, pattern);
  assert.doesNotMatch("1.1", new RegExp(libraryReportPattern("1.1.2")));
  assert.doesNotMatch("1.1", new RegExp(libraryReportPattern("1.1.0-rc.0")));
});

test("the version that such a pattern stands for is found again, and no other pattern is taken for one", () => {
  for (const version of ["1.2.3", "1.2.3-rc.1", "0.14.3-u16.1"])
    assert.equal(reportedVersion(reportPattern(version)), version);
  assert.equal(reportedVersion(libraryReportPattern("1.1.0")), "1.1");
  assert.equal(reportedVersion(libraryReportPattern("1.1.2")), "1.1.2");
  for (const other of ["1\\.2\\.3", "^xsnap 1", reportPattern("1.2.3").slice(1), reportPattern("1|2")])
    assert.equal(reportedVersion(other), undefined);
});
