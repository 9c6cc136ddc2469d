import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { constants, zstdCompressSync } from "node:zlib";
import { createCompression } from "../../src/adapters/archive/compression.ts";
import { createDeltaReader } from "../../src/adapters/delta/reader.ts";
import { createDeltaWriter } from "../../src/adapters/delta/writer.ts";
import { differenceOf } from "../../src/core/delta-content.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { canonicalJson } from "../../src/core/json.ts";
import { DELTA_HEAD_BYTES, encodeDeltaHead, parseDeltaHead } from "../../src/core/parse-delta.ts";
import { sha256, treeOf } from "./support/unpacking.ts";

const FROM = "a".repeat(64);
const TREE = "b".repeat(64);
const DATA = randomBytes(300_000);
const OLD = { "bin/engine": DATA, readme: "read me" };
const NEW = { "bin/engine": Buffer.concat([DATA.subarray(0, 100_000), Buffer.from("new"), DATA.subarray(100_000)]) };

const old = treeOf(OLD);
const tree = treeOf({ ...NEW, readme: "read me" });
const difference = differenceOf(old, tree);

type Files = Readonly<Record<string, string | Uint8Array>>;

const readFrom = (files: Files) => (place: number, offset: number, into: Uint8Array) => {
  const bytes = Buffer.from(files[old.files[place]?.path ?? ""] ?? "");
  into.set(bytes.subarray(offset, offset + into.length));
};

async function made(): Promise<Uint8Array> {
  const delta = await createDeltaWriter().make({
    from: FROM,
    tree: TREE,
    old,
    difference,
    readOld: readFrom(OLD),
    readNew: (_, offset, into) => into.set(NEW["bin/engine"].subarray(offset, offset + into.length)),
    maxBytes: 1_000_000,
  });
  assert.ok(delta !== undefined);
  return delta;
}

interface Applied {
  readonly error: unknown;
  readonly finished: ReadonlyMap<string, Buffer>;
  /** Begun, neither finished nor abandoned. */
  readonly open: readonly string[];
  readonly written: number;
}

/** What a client does with bytes whose hash was right. */
async function apply(delta: Uint8Array, files: Files = OLD, meanwhile?: () => boolean): Promise<Applied> {
  const finished = new Map<string, Buffer>();
  const open = new Set<string>();
  let written = 0;
  let error: unknown;
  const sink = {
    begin: (path: string) => {
      const parts: Uint8Array[] = [];
      open.add(path);
      return {
        write: (bytes: Uint8Array) => {
          written += bytes.length;
          parts.push(bytes.slice());
        },
        finish: () => {
          open.delete(path);
          finished.set(path, Buffer.concat(parts));
        },
        abandon: () => void open.delete(path),
      };
    },
  };
  const reader = createDeltaReader();
  try {
    const readOld = readFrom(files);
    await reader.apply({
      from: FROM,
      tree: TREE,
      old,
      difference,
      bytes: delta.length,
      chunks: chunked(delta),
      readOld,
      sink,
      ...(meanwhile === undefined ? {} : { meanwhile }),
    });
  } catch (caught) {
    error = caught;
  }
  return { error, finished, open: [...open], written };
}

function* chunked(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 777) yield bytes.subarray(start, start + 777);
}

const compression = createCompression();

/** A delta taken apart, its table changed, put together again: all that a publisher's key could sign. */
async function altered(change: (table: Table) => unknown, frames: readonly Uint8Array[] | undefined = undefined) {
  const delta = await made();
  const { table, body } = parts(delta);
  const packed = compression.compress(canonicalJson(change(table)));
  return Buffer.concat([encodeDeltaHead(packed.length), packed, ...(frames ?? [body])]);
}

interface Table {
  format: number;
  from: string;
  tree: string;
  segmentBytes: number;
  segments: {
    bytes: number;
    dictionary?: { sha256: string; stretches: { file: number; offset: number; bytes: number }[] };
  }[];
}

function parts(delta: Uint8Array): { table: Table; body: Uint8Array } {
  const tableBytes = parseDeltaHead(delta);
  const packed = delta.subarray(DELTA_HEAD_BYTES, DELTA_HEAD_BYTES + tableBytes);
  const table = JSON.parse(Buffer.from(compression.decompress(packed, 1_000_000)).toString()) as Table;
  return { table, body: delta.subarray(DELTA_HEAD_BYTES + tableBytes) };
}

test("a sound delta makes the file that was signed", async () => {
  const { error, finished, open } = await apply(await made());
  assert.equal(error, undefined);
  assert.deepEqual([...finished.keys()], ["bin/engine"]);
  assert.deepEqual(finished.get("bin/engine"), NEW["bin/engine"]);
  assert.deepEqual(open, []);
});

test("other work is done while the decoder is at work, as long as there is any; what fails there fails all", async () => {
  const delta = await made();
  let left = 2;
  const done = await apply(delta, OLD, () => {
    assert.ok(left > 0, "asked again after it said that there is none");
    left -= 1;
    return left > 0;
  });
  assert.equal(done.error, undefined);
  assert.ok(left < 2);
  assert.deepEqual(done.finished.get("bin/engine"), NEW["bin/engine"]);
  const full = new Error("full");
  const failed = await apply(delta, OLD, () => {
    throw full;
  });
  assert.equal(failed.error, full);
  assert.deepEqual([failed.open, failed.finished.size], [[], 0]);
});

const WINDOW = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const BOMB = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024), WINDOW);

const alterations: Readonly<Record<string, (table: Table) => unknown>> = {
  "another format": (table) => ({ ...table, format: 2 }),
  "another old release": (table) => ({ ...table, from: "c".repeat(64) }),
  "another new release": (table) => ({ ...table, tree: "c".repeat(64) }),
  "no segment": (table) => ({ ...table, segments: [] }),
  "a segment too many": (table) => ({ ...table, segments: [...table.segments, { bytes: 1 }] }),
  "segments of no size": (table) => ({ ...table, segmentBytes: 0 }),
  "segments of a gigabyte": (table) => ({ ...table, segmentBytes: 2 ** 30 }),
  "a size that is no number": (table) => ({ ...table, segmentBytes: "65536" }),
  "fewer bytes than there are": ({ segments: [first], ...table }) => ({
    ...table,
    segments: [{ ...first, bytes: (first?.bytes ?? 0) - 1 }],
  }),
  "more bytes than zstd could make": ({ segments: [first], ...table }) => ({
    ...table,
    segments: [{ ...first, bytes: 2 ** 40 }],
  }),
  "a file that the old tree has not": stretched({ file: 2, offset: 0, bytes: 1 }),
  "a stretch behind a file's end": stretched({ file: 1, offset: 6, bytes: 2 }),
  "an offset below zero": stretched({ file: 1, offset: -1, bytes: 2 }),
  "a stretch of nothing": stretched({ file: 1, offset: 0, bytes: 0 }),
  "an empty dictionary": stretched(),
  "a dictionary of 65 MiB": stretched(...Array.from({ length: 228 }, () => ({ file: 0, offset: 0, bytes: 300_000 }))),
};

function stretched(...stretches: { file: number; offset: number; bytes: number }[]) {
  return ({ segments: [first], ...table }: Table) => ({
    ...table,
    segments: [{ ...first, dictionary: { sha256: "d".repeat(64), stretches } }],
  });
}

for (const [what, change] of Object.entries(alterations)) {
  test(`refused before a file is begun: ${what}`, async () => {
    const { error, written, open } = await apply(await altered(change));
    assert.ok(isEngineryError(error, "document-invalid"), String(error));
    assert.deepEqual([written, open], [0, []]);
  });
}

test("an old file that changed on the disk is found before the decoder sees it", async () => {
  const changed = Buffer.from(DATA);
  changed[150_000] = (changed[150_000] ?? 0) ^ 1;
  const { error, written } = await apply(await made(), { ...OLD, "bin/engine": changed });
  assert.ok(isEngineryError(error, "hash-mismatch"), String(error));
  assert.equal(written, 0);
});

const bodies: Readonly<Record<string, Uint8Array>> = {
  "a bomb": BOMB,
  "no zstd": Buffer.from("no zstd at all"),
  "two frames": Buffer.concat([zstdCompressSync(DATA.subarray(0, 1000)), zstdCompressSync(DATA.subarray(0, 1000))]),
  "a frame cut short": zstdCompressSync(DATA.subarray(0, 1000)).subarray(0, -3),
  "fewer bytes than the new file has": zstdCompressSync(DATA.subarray(0, 1000)),
};

for (const [what, body] of Object.entries(bodies)) {
  test(`a segment of the right size that is ${what}: refused, and no file is finished`, async () => {
    const delta = await altered(
      ({ segments: _, ...table }) => ({ ...table, segments: [{ bytes: body.length }] }),
      [body],
    );
    const { error, finished, open, written } = await apply(delta);
    assert.ok(isEngineryError(error, "document-invalid"), String(error));
    assert.deepEqual([finished.size, open, written], [0, [], 0]);
  });
}

test("other bytes of the right size: the file is abandoned", async () => {
  const other = randomBytes(NEW["bin/engine"].length);
  const body = zstdCompressSync(other);
  const delta = await altered(
    ({ segments: _, ...table }) => ({ ...table, segments: [{ bytes: body.length }] }),
    [body],
  );
  const { error, finished, open } = await apply(delta);
  assert.ok(isEngineryError(error, "tree-mismatch"), String(error));
  assert.deepEqual([finished.size, open], [0, []]);
});

test("a dictionary that is more than plain bytes reaches no decoder", async () => {
  const magic = Buffer.concat([Buffer.from([0x37, 0xa4, 0x30, 0xec]), DATA.subarray(4)]);
  const delta = await altered(({ segments: [first], ...table }) => ({
    ...table,
    segments: [
      { ...first, dictionary: { sha256: sha256(magic), stretches: [{ file: 0, offset: 0, bytes: magic.length }] } },
    ],
  }));
  const { error, written } = await apply(delta, { ...OLD, "bin/engine": magic });
  assert.ok(isEngineryError(error, "document-invalid"), String(error));
  assert.match(String(error), /more than plain bytes/);
  assert.equal(written, 0);
});

test("a delta from a file that begins like a dictionary is made and applied all the same", async () => {
  const magic = Buffer.concat([Buffer.from([0x37, 0xa4, 0x30, 0xec]), DATA]);
  const changed = Buffer.concat([magic, Buffer.from("more")]);
  const before = treeOf({ dictionary: magic });
  const after = treeOf({ dictionary: changed });
  const between = differenceOf(before, after);
  const readOld = (_: number, offset: number, into: Uint8Array) =>
    into.set(magic.subarray(offset, offset + into.length));
  const delta = await createDeltaWriter().make({
    from: FROM,
    tree: TREE,
    old: before,
    difference: between,
    readOld,
    readNew: (_, offset, into) => into.set(changed.subarray(offset, offset + into.length)),
    maxBytes: 1_000_000,
  });
  assert.ok(delta !== undefined && delta.length < 1000);
  const parts: Uint8Array[] = [];
  const sink = {
    begin: () => ({
      write: (bytes: Uint8Array) => void parts.push(bytes.slice()),
      finish: () => {},
      abandon: () => {},
    }),
  };
  const request = { from: FROM, tree: TREE, old: before, difference: between, bytes: delta.length, readOld, sink };
  await createDeltaReader().apply({ ...request, chunks: [delta] });
  assert.deepEqual(Buffer.concat(parts), changed);
});

test("cut anywhere, or with any byte of its head and table changed, nothing of it is finished", async () => {
  const delta = await made();
  const behindTable = delta.length - parts(delta).body.length;
  for (let cut = 0; cut < delta.length; cut += 41) {
    const { error, finished } = await apply(delta.subarray(0, cut));
    assert.ok(isEngineryError(error), `cut at ${cut}`);
    assert.equal(finished.size, 0);
  }
  for (let place = 0; place < behindTable; place += 1) {
    const changed = delta.slice();
    changed[place] = (changed[place] ?? 0) ^ 0x55;
    const { error, finished } = await apply(changed);
    assert.ok(isEngineryError(error), `byte ${place}`);
    assert.equal(finished.size, 0);
  }
});
