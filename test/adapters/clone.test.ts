import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { isEngineryError } from "../../src/core/errors.ts";

/** `ENGINERY_TEST_REFLINK`: a folder on a disk that shares blocks; without it the system's temporary folder, whatever it can. */
const PLACE = process.env["ENGINERY_TEST_REFLINK"] ?? tmpdir();

test("a clone has the bytes, the mode that was asked for and an inode of its own; where there are none, nothing is left", (t) => {
  const folder = mkdtempSync(join(PLACE, "enginery-clone-"));
  try {
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    writeFileSync(from, "content ".repeat(10_000));
    chmodSync(from, 0o444);
    const { clone } = nodeFileSystem();
    const made = clone(from, to, 0o555);
    t.diagnostic(made ? "this disk shares blocks" : "this disk shares no blocks");
    assert.equal(existsSync(to), made);
    if (process.env["ENGINERY_TEST_REFLINK"] !== undefined) assert.equal(made, true);
    if (!made) return;
    assert.deepEqual(readFileSync(to), readFileSync(from));
    assert.equal(statSync(to).mode & 0o777, 0o555);
    assert.notEqual(statSync(to).ino, statSync(from).ino);
    chmodSync(to, 0o755);
    writeFileSync(to, "other");
    assert.match(readFileSync(from, "utf8"), /^content /, "a write to one leaves the other");
    assert.throws(
      () => clone(from, to, 0o555),
      (error) => isEngineryError(error),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
