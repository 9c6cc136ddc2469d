import assert from "node:assert/strict";
import { test } from "node:test";
import { ValueError as ModelsValueError } from "@tufjs/models";
import * as models from "@tufjs/models/dist/error.js";
import * as tuf from "tuf-js/dist/error.js";
import { expiredError } from "../../src/adapters/tuf/expired-error.ts";
import { type Refusal, translate } from "../../src/adapters/tuf/translate.ts";
import { EngineryError, type ErrorCode } from "../../src/core/errors.ts";

const offered = {
  role: "snapshot",
  version: 4,
  expires: "2030-01-01T00:00:00Z",
  files: new Map(),
  versions: new Map(),
} as const;
const now = Date.UTC(2031, 0, 1);

function translated(error: unknown, more: Partial<Refusal> = {}): EngineryError {
  return translate({ error, role: "snapshot", offered, seen: 5, now, ...more });
}

const EXPECTED: readonly (readonly [unknown, ErrorCode])[] = [
  [new models.UnsignedMetadataError("snapshot was signed by 0/1 keys"), "trust-signature"],
  [new models.LengthOrHashMismatchError("Expected length 3 but got 4"), "length-mismatch"],
  [new models.LengthOrHashMismatchError("Expected hash a but got b"), "hash-mismatch"],
  [new models.RepositoryError("said"), "trust-format"],
  [new models.CryptoError("said"), "trust-format"],
  [new models.UnsupportedAlgorithmError("said"), "trust-format"],
  [new ModelsValueError("said"), "trust-format"],
  [new tuf.BadVersionError("New version 4 is less than current version 5"), "trust-rollback"],
  [new tuf.EqualVersionError("said"), "trust-rollback"],
  [new tuf.ExpiredMetadataError("said"), "trust-expired"],
  [new tuf.RepositoryError("said"), "trust-format"],
  [new tuf.ValueError("said"), "trust-format"],
  [new tuf.RuntimeError("said"), "internal"],
  [new tuf.PersistError("said"), "internal"],
  [new tuf.DownloadError("said"), "network"],
  [new tuf.DownloadLengthMismatchError("said"), "network"],
  [new tuf.DownloadHTTPError("said", 500), "network"],
  [new TypeError("said"), "trust-format"],
  [new SyntaxError("said"), "trust-format"],
  ["said", "trust-format"],
];

test("every error of the TUF libraries becomes one of ours", () => {
  for (const [error, code] of EXPECTED) {
    const ours = translated(error);
    assert.equal(ours.code, code, String(error));
    assert.match(ours.message, /snapshot/);
    assert.match(ours.message, /^[A-Z].*\.$/);
  }
});

test("none of their classes is left out", () => {
  const known = new Set(EXPECTED.map(([error]) => (error as object).constructor));
  const classes = [...Object.values(models), ...Object.values(tuf)].filter((value) => typeof value === "function");
  assert.ok(classes.length >= 15);
  assert.deepEqual(
    classes.filter((value) => !known.has(value)).map((value) => value.name),
    [],
  );
});

test("what was seen and what was offered is said", () => {
  const error = translated(new tuf.BadVersionError("New version 4 is less than current version 5"));
  assert.match(error.message, /^The offered snapshot \(version 4\) is older .*: New version 4 is less than .* 5\.$/);
  assert.deepEqual(error.context, { role: "snapshot", seen: 5, offered: 4 });
});

test("where a root or targets expired, nobody is told to say --allow-expired, which does not take them", () => {
  for (const role of ["root", "targets", "snapshot", "timestamp"] as const) {
    const { hint } = expiredError(role, "2030-06-01T00:00:00Z", Date.parse("2031-01-01"));
    const isNever = role === "root" || role === "targets";
    assert.match(hint, isNever ? /timestamp and snapshot alone/ : /--allow-expired REASON/);
  }
});

test("an expiry names the role that expired, which is not always the one that was loaded", () => {
  const expired = { role: "timestamp", expires: "2030-06-01T00:00:00Z" } as const;
  assert.equal(
    translated(new tuf.ExpiredMetadataError("x"), { expired }).message,
    "The timestamp expired at 2030-06-01T00:00:00Z, and it is 2031-01-01T00:00:00Z now.",
  );
});

test("our own errors pass as they are", () => {
  const error = new EngineryError("offline", "No.");
  assert.equal(translated(error), error);
});
