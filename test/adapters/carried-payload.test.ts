import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { appendPayload } from "../../scripts/sea/payload.ts";
import { carriedReleases, openCarried } from "../../src/adapters/carried/own-payload.ts";
import { openPayload } from "../../src/adapters/carried/payload.ts";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import { encodeFooter, encodePayloadTable, FOOTER_BYTES, type PayloadTable } from "../../src/core/carried-payload.ts";
import { isEngineryError } from "../../src/core/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "enginery-payload-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** More than one chunk of it is read at a time. */
const LARGE = Buffer.alloc(700_001, "0123456789");

async function carrying(
  name: string,
  program: Buffer,
  channel = "toys",
  root = "metadata/1.root.json",
): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, program);
  writeFileSync(join(folder, "root"), "the root");
  writeFileSync(join(folder, "large"), LARGE);
  const files = new Map([
    ["metadata/1.root.json", join(folder, "root")],
    ["archives/large.tar.gz", join(folder, "large")],
  ]);
  const releases = [{ engine: "toy", version: "1.0.0" }];
  await appendPayload(path, { channel, root, releases, files });
  return path;
}

function opened(path: string) {
  return openPayload(path) ?? assert.fail("nothing was found");
}

async function bytesOf(path: string, ...words: Parameters<ReturnType<typeof opened>["open"]>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(opened(path).open(...words).chunks));
}

test("what a program carries is read by ranges, whatever its length", async () => {
  for (const bytes of [0, 1, 7, 8, 5000]) {
    const path = await carrying("plain", Buffer.alloc(bytes, "#"));
    const { channel, root, releases } = opened(path).releases();
    assert.deepEqual([channel, root.toString(), releases], ["toys", "the root", [{ engine: "toy", version: "1.0.0" }]]);
    assert.deepEqual(await bytesOf(path, "archives/large.tar.gz", {}), LARGE);
    assert.deepEqual(await bytesOf(path, "archives/large.tar.gz", { start: 300_000 }), LARGE.subarray(300_000));
    assert.equal(statSync(path).size % 8, 0, "a signature may follow as it is");
  }
});

test("what is not carried is missing, what is larger than was signed is refused", async () => {
  const payload = opened(await carrying("some", Buffer.from("#!/bin/sh\n")));
  assert.throws(
    () => payload.open("archives/other.tar.gz", {}),
    (error) => isEngineryError(error, "missing"),
  );
  assert.throws(
    () => payload.open("archives/large.tar.gz", { maxBytes: 1000 }),
    (error) => isEngineryError(error, "length-mismatch"),
  );
});

test("a program without anything carries nothing; one that was cut carries nothing; an altered table is refused", async () => {
  writeFileSync(join(folder, "empty"), "");
  assert.equal(openPayload(join(folder, "empty")), undefined);
  assert.equal(openPayload(process.execPath), undefined);
  const path = await carrying("cut", Buffer.alloc(100));
  truncateSync(path, statSync(path).size - 1);
  assert.equal(openPayload(path), undefined);
  const altered = await carrying("altered", Buffer.alloc(100));
  const bytes = readFileSync(altered);
  // still a name, and a table that could be read
  bytes[bytes.lastIndexOf('"toys"') + 1] = "b".charCodeAt(0);
  writeFileSync(altered, bytes);
  assert.throws(
    () => openPayload(altered),
    (error) => isEngineryError(error, "document-invalid"),
  );
});

test("what a footer or a table says of places that are not there is not believed", () => {
  const table = { channel: "toys", root: "metadata/1.root.json", releases: [] };
  const made = (bytes: number, files: PayloadTable["files"] = {}, tableBytes?: number): string => {
    const text = encodePayloadTable({ ...table, files });
    const footer = { bytes, tableBytes: tableBytes ?? text.length, tableSha256: nodeDigester.sha256(text) };
    const path = join(folder, "made");
    writeFileSync(path, Buffer.concat([Buffer.alloc(1000), text, encodeFooter(footer)]));
    return path;
  };
  const invalid = (error: unknown) => isEngineryError(error, "document-invalid");
  const whole = 1000 + encodePayloadTable({ ...table, files: {} }).length + FOOTER_BYTES;
  assert.ok(openPayload(made(whole)));
  assert.equal(openPayload(made(whole + 1)), undefined, "it would begin before the file");
  assert.equal(openPayload(made(whole, {}, whole)), undefined, "a table longer than all of it");
  for (const place of [
    { offset: 0, bytes: 100_000 },
    { offset: 100_000, bytes: 1 },
  ]) {
    const payload = opened(made(whole, { "metadata/1.root.json": place }));
    assert.throws(() => payload.open("metadata/1.root.json", {}), invalid);
    assert.throws(() => payload.releases(), invalid);
  }
  const path = made(whole);
  const bytes = readFileSync(path);
  bytes.writeBigUInt64LE(2n, bytes.length - FOOTER_BYTES + 16);
  writeFileSync(path, bytes);
  assert.equal(openPayload(path), undefined, "of a format that is not known");
});

test("one that knows what it was made with says that it was cut off, or carries another's", async () => {
  const path = await carrying("made", Buffer.alloc(100));
  const whole = readFileSync(path);
  const table = createHash("sha256").update(tableOf(whole)).digest("hex");
  assert.equal(openPayload(path, { table })?.releases().channel, "toys");
  const refused = (bytes: Buffer) => {
    writeFileSync(path, bytes);
    assert.throws(
      () => openPayload(path, { table }),
      (error) => isEngineryError(error, "document-invalid"),
    );
  };
  for (const cut of [1, 71, 72, 100, 100_000, whole.length - 100]) refused(whole.subarray(0, -cut));
  refused(Buffer.concat([whole, Buffer.alloc(8)]));
  const other = readFileSync(await carrying("other", Buffer.alloc(96), "other toys"));
  refused(Buffer.concat([whole, other]));
  refused(other);
});

test("it is read where it lies, whatever has its name by then", async () => {
  const image = await carrying("image", Buffer.alloc(100));
  const gone = join(folder, "gone");
  assert.equal(openPayload(gone, { image })?.releases().root.toString(), "the root");
  assert.equal(openPayload(image, { image: gone })?.releases().root.toString(), "the root");
  assert.throws(
    () => openPayload(gone, { image: gone }),
    (error) => isEngineryError(error, "missing") && error.message.includes(gone),
  );
});

test("a root that is not among what is carried is damage, and no path to check", async () => {
  const path = await carrying("rootless", Buffer.alloc(100), "toys", "metadata/7.root.json");
  assert.throws(
    () => opened(path).releases(),
    (error) => isEngineryError(error, "document-invalid"),
  );
});

function tableOf(program: Buffer): Buffer {
  const bytes = Number(program.readBigUInt64LE(program.length - 40));
  return program.subarray(-72 - bytes, -72);
}

test("a signed program for Windows: what is carried ends where its signatures begin", async () => {
  const head = Buffer.alloc(1024);
  head.write("MZ");
  head.writeUInt32LE(128, 60);
  head.write("PE\0\0", 128, "latin1");
  head.writeUInt16LE(0x20b, 152);
  head.writeUInt32LE(16, 152 + 108);
  const path = await carrying("signed.exe", head);
  assert.deepEqual(await bytesOf(path, "archives/large.tar.gz", {}), LARGE, "before it is signed");
  const bytes = readFileSync(path);
  const directory = 152 + 112 + 4 * 8;
  bytes.writeUInt32LE(bytes.length, directory);
  bytes.writeUInt32LE(4096, directory + 4);
  writeFileSync(path, bytes);
  appendFileSync(path, Buffer.alloc(4096, "signature"));
  assert.deepEqual(await bytesOf(path, "archives/large.tar.gz", {}), LARGE);
});

test("a program for macOS: what is carried ends with a section of its own", async () => {
  const head = Buffer.alloc(4096);
  head.writeUInt32LE(0xfeedfacf, 0);
  head.writeUInt32LE(2, 16);
  head.writeUInt32LE(72 + 152, 20);
  for (const [index, name] of ["__TEXT", "__CARRIED"].entries()) {
    const at = 32 + index * 72;
    head.writeUInt32LE(0x19, at);
    head.writeUInt32LE(index === 0 ? 72 : 152, at + 4);
    head.write(name, at + 8);
  }
  const path = await carrying("mac", head);
  const bytes = readFileSync(path);
  const section = 32 + 72 + 72;
  bytes.writeBigUInt64LE(BigInt(bytes.length - 4096), section + 40);
  bytes.writeUInt32LE(4096, section + 48);
  writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(500, "links")]));
  assert.deepEqual(await bytesOf(path, "archives/large.tar.gz", {}), LARGE);
});

test("this Node carries nothing: embedded: is told to be missing, with what mends it", async () => {
  assert.equal(carriedReleases(), undefined);
  await assert.rejects(openCarried("metadata/timestamp.json", {}), (error) => isEngineryError(error, "missing"));
});
