import assert from "node:assert/strict";
import { test } from "node:test";
import {
  encodeFooter,
  encodePayloadTable,
  FOOTER_BYTES,
  parseFooter,
  parsePayloadTable,
} from "../../src/core/carried-payload.ts";
import { isEngineryError } from "../../src/core/errors.ts";

const FOOTER = { bytes: 5_000_000_000, tableBytes: 321, tableSha256: "0123456789abcdef".repeat(4) };
const TABLE = {
  channel: "toys",
  root: "metadata/1.root.json",
  releases: [{ engine: "toy", version: "1.0.0" }],
  files: { "metadata/1.root.json": { offset: 0, bytes: 12 } },
};

test("a footer says what it was made of, above 4 GiB too", () => {
  const bytes = encodeFooter(FOOTER);
  assert.equal(bytes.length, FOOTER_BYTES);
  assert.deepEqual(parseFooter(bytes, 6_000_000_000), FOOTER);
});

test("what is no footer, of another format, or longer than its file, is none", () => {
  const altered = (at: number, value: number) => {
    const bytes = encodeFooter(FOOTER);
    bytes[at] = value;
    return bytes;
  };
  assert.equal(parseFooter(altered(0, 0), 6e9), undefined);
  assert.equal(parseFooter(altered(16, 2), 6e9), undefined);
  assert.equal(parseFooter(encodeFooter(FOOTER).subarray(1), 6e9), undefined);
  assert.equal(parseFooter(encodeFooter(FOOTER), FOOTER.bytes - 1), undefined);
  assert.equal(parseFooter(encodeFooter({ ...FOOTER, bytes: 321 }), 6e9), undefined, "no room for the table");
});

test("an table keeps to its format: safe paths, exact versions, whole numbers", () => {
  assert.deepEqual({ ...parsePayloadTable(encodePayloadTable(TABLE)) }.releases, TABLE.releases);
  const wrong = [
    { ...TABLE, files: { "../outside": { offset: 0, bytes: 1 } } },
    { ...TABLE, files: { a: { offset: -1, bytes: 1 } } },
    { ...TABLE, releases: [{ engine: "toy", version: "newest" }] },
    { ...TABLE, root: "/etc/passwd" },
  ];
  for (const table of wrong) {
    assert.throws(
      () => parsePayloadTable(encodePayloadTable(table)),
      (error) => isEngineryError(error, "document-invalid"),
      JSON.stringify(table),
    );
  }
});
