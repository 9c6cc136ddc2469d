import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { findEngines, planInsertion } from "../../src/core/embedding/host-binary.ts";
import { layOutTable, parseTable, type ReleaseToEmbed, treeOf } from "../../src/core/embedding/table.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { encodeTree } from "../../src/core/parse-tree.ts";
import { sourceOf } from "../support/byte-source.ts";
import { buildHostElf, buildHostMachO, buildHostWindows, inserted } from "../support/host-builders.ts";

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const CONTENT = Buffer.from("engines ".repeat(700));

const HOSTS: Readonly<Record<string, () => Buffer>> = {
  "ELF of 64 bits": () => buildHostElf({ bits: 64 }),
  "ELF of 32 bits": () => buildHostElf({ bits: 32 }),
  "ELF without section headers": () => buildHostElf({ bits: 64, bare: true }),
  "PE of 64 bits": () => buildHostWindows({ wide: true }),
  "PE of 32 bits": () => buildHostWindows({ wide: false }),
  "PE with a signature": () => buildHostWindows({ wide: true, signed: true }),
  "Mach-O": () => buildHostMachO(),
  "Mach-O with a signature": () => buildHostMachO({ signed: true }),
  "Mach-O without room in its fixups": () => buildHostMachO({ tight: true }),
};

for (const [name, build] of Object.entries(HOSTS)) {
  test(`${name}: what is put in is found again, and what is loaded is as it was`, () => {
    const host = build();
    const plan = planInsertion(sourceOf(host), "host", CONTENT.length);
    const result = inserted(host, plan.pieces, CONTENT);
    const { kind, section } = findEngines(sourceOf(result), "host");
    assert.equal(kind, findEngines(sourceOf(host), "host").kind);
    assert.deepEqual(section, plan.section);
    const { offset = 0 } = section ?? {};
    assert.equal(offset % 4096, 0);
    assert.deepEqual(result.subarray(offset, offset + CONTENT.length), CONTENT);
    assert.equal(plan.signatureRemoved, name.includes("signature"));
    assert.throws(() => planInsertion(sourceOf(result), "host", 1), { code: "refused", message: /already/ });
  });

  test(`${name}: cut short anywhere it is refused, or found to be whole in what counts`, () => {
    const host = build();
    for (let length = 0; length < host.length; length += length < 1500 ? 1 : 97) {
      refusedOrSound(host.subarray(0, length));
    }
  });

  test(`${name}: with any bytes of its headers changed it is refused, or a sound file comes of it`, () => {
    const host = build();
    const change = fc.tuple(fc.nat(1600), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.constantFrom(1, 2, 4, 8));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const spoilt = Buffer.from(host);
        for (const [at, value, length] of changes) spoilt.subarray(at, at + length).fill(value);
        refusedOrSound(spoilt);
      }),
      { numRuns: 1500, seed: 20_270_101 },
    );
  });
}

test("Mach-O: what load commands point at in __LINKEDIT is where they say, and no two segments overlap", () => {
  const host = buildHostMachO({ signed: true });
  const result = inserted(host, planInsertion(sourceOf(host), "host", CONTENT.length).pieces, CONTENT);
  const [before, after] = [host, result].map(placesIn);
  assert.deepEqual(
    after?.pointed.map(({ type, bytes }) => [type, bytes.toString("hex")]),
    before?.pointed.filter(({ type }) => type !== 0x1d).map(({ type, bytes }) => [type, bytes.toString("hex")]),
  );
  assert.deepEqual(
    after?.segments.map(({ name }) => name),
    ["__TEXT", "__ENGINERY", "__LINKEDIT"],
  );
  for (const [at, segment] of (after?.segments ?? []).entries()) {
    const next = after?.segments[at + 1];
    if (next === undefined) {
      assert.equal(segment.offset + segment.bytes, result.length);
      continue;
    }
    assert.ok(segment.address + segment.memory <= next.address && segment.offset + segment.bytes <= next.offset);
  }
});

for (const tight of [false, true]) {
  test(`Mach-O: fixups count the new segment, as dyld asks for${tight ? ", though there was no room for it" : ""}`, () => {
    const host = buildHostMachO({ signed: true, tight });
    const plan = planInsertion(sourceOf(host), "host", CONTENT.length);
    const [before, after] = [host, inserted(host, plan.pieces, CONTENT)].map((file) => placesIn(file).fixups);
    assert.equal(before?.chains.length, 2);
    assert.deepEqual(
      after?.chains,
      [before?.chains[0], undefined, undefined],
      "the new one's and __LINKEDIT's are none",
    );
    assert.deepEqual([after?.imports, after?.symbols], [before?.imports, before?.symbols]);
    assert.equal((after?.bytes ?? 0) - (before?.bytes ?? 0), tight ? 16 : 0);
  });
}

test("Mach-O: fixups that cannot be what they say are refused", () => {
  const refused = (why: RegExp, at: number, value: number): void => {
    const host = buildHostMachO();
    host.writeUInt32LE(value, host.length - 256 + at);
    assert.throws(() => planInsertion(sourceOf(host), "host", 1), { code: "document-invalid", message: why });
  };
  refused(/of other segments than its own/, 32, 3);
  refused(/of other segments than its own/, 4, 0xffffff);
  refused(/of other segments than its own/, 4, 4);
  refused(/over each other/, 36, 8);
  refused(/over each other/, 8, 34);
});

/** Where chains start, by segment, with the bytes that the offsets lead to. */
function fixupsAt(file: Buffer, at: number, bytes: number) {
  const starts = at + file.readUInt32LE(at + 4);
  const part = (offset: number) => file.toString("hex", offset, offset + 24);
  const chains = Array.from({ length: file.readUInt32LE(starts) }, (_, each) => {
    const offset = file.readUInt32LE(starts + 4 + each * 4);
    return offset === 0 ? undefined : part(starts + offset);
  });
  return {
    bytes,
    chains,
    imports: part(at + file.readUInt32LE(at + 8)),
    symbols: part(at + file.readUInt32LE(at + 12)),
  };
}

/** Symbols, names and signature with the bytes that they lead to; the segments; and the fixups. */
function placesIn(file: Buffer) {
  let fixups: ReturnType<typeof fixupsAt> | undefined;
  const pointed: { type: number; bytes: Buffer }[] = [];
  const segments: { name: string; address: number; memory: number; offset: number; bytes: number }[] = [];
  let at = 32;
  for (let count = file.readUInt32LE(16); count > 0; count -= 1) {
    const type = file.readUInt32LE(at);
    const part = (field: number, length: number) => {
      const offset = file.readUInt32LE(at + field);
      pointed.push({ type, bytes: file.subarray(offset, offset + length) });
    };
    if (type === 2) for (const field of [8, 16]) part(field, 48);
    if (type === 0x80000034) fixups = fixupsAt(file, file.readUInt32LE(at + 8), file.readUInt32LE(at + 12));
    if (type === 0x1d) part(8, 64);
    if (type === 0x19) {
      const [address = 0, memory = 0, offset = 0, bytes = 0] = [24, 32, 40, 48].map((field) =>
        Number(file.readBigUInt64LE(at + field)),
      );
      const name = file.toString("latin1", at + 8, at + 24).replace(/\0.*$/s, "");
      segments.push({ name, address, memory, offset, bytes });
    }
    at += file.readUInt32LE(at + 4);
  }
  return { pointed, segments, fixups };
}

/** Whatever it is: an error of ours, or a new file in which the section is found again. Nothing hangs, nothing is read without end. */
function refusedOrSound(host: Buffer): void {
  const source = sourceOf(host);
  try {
    const { pieces, section } = planInsertion(source, "host", CONTENT.length);
    const result = inserted(host, pieces, CONTENT);
    assert.deepEqual(findEngines(sourceOf(result), "host").section, section);
    assert.ok(result.length < host.length + CONTENT.length + 200_000);
  } catch (error) {
    if (!isEngineryError(error, "document-invalid") && !isEngineryError(error, "refused")) throw error;
  }
  assert.ok(source.readBytes <= 8 * 1024 * 1024);
}

test("an ELF file that cannot be what it says is refused, with the reason", () => {
  const refused = (why: RegExp, change: (host: Buffer) => void): void => {
    const host = buildHostElf({ bits: 64 });
    change(host);
    assert.throws(() => planInsertion(sourceOf(host), "host", 1), { code: "document-invalid", message: why });
  };
  refused(/other byte order/, (host) => host.writeUInt8(2, 5));
  refused(/neither a program nor a library/, (host) => host.writeUInt16LE(1, 16));
  refused(/section headers where they cannot be/, (host) => host.writeBigUInt64LE(8n, 40));
  refused(/section headers where they cannot be/, (host) => host.writeBigUInt64LE(2n ** 63n, 40));
  refused(/section headers over its program headers/, (host) => host.writeBigUInt64LE(64n, 40));
  refused(/program headers where they cannot be/, (host) => host.writeBigUInt64LE(2n, 32));
  refused(/65535 program headers/, (host) => host.writeUInt16LE(0xffff, 56));
  refused(/more sections than its header can count/, (host) => host.writeUInt16LE(0xffff, 60));
  refused(/section headers where they cannot be/, (host) => host.writeUInt16LE(0xfeff, 60));
  refused(/which section holds the names/, (host) => host.writeUInt16LE(9, 62));
  refused(/headers of a size of its own/, (host) => host.writeUInt16LE(63, 58));
  refused(/loads what lies beyond its end/, (host) => host.writeBigUInt64LE(1n << 40n, 64 + 32));
});

test("a PE or Mach-O file that cannot be what it says is refused, with the reason", () => {
  const refused = (build: () => Buffer, why: RegExp, change: (host: Buffer) => void): void => {
    const host = build();
    change(host);
    assert.throws(() => planInsertion(sourceOf(host), "host", 1), { code: "document-invalid", message: why });
  };
  const pe = () => buildHostWindows({ wide: true });
  refused(pe, /program of DOS/, (host) => host.writeUInt32LE(0xfffffff0, 60));
  refused(pe, /97 sections/, (host) => host.writeUInt16LE(97, 0x80 + 6));
  refused(pe, /cut short in its headers/, (host) => host.writeUInt16LE(0xffff, 0x80 + 20));
  refused(pe, /section headers where they cannot be/, (host) => host.writeUInt16LE(0x0f00, 0x80 + 20));
  refused(pe, /aligned in a way of its own/, (host) => host.writeUInt32LE(0, 0x80 + 24 + 36));
  refused(pe, /no room for one more section header/, (host) =>
    host.fill(1, 0x80 + 24 + 240 + 40, 0x80 + 24 + 240 + 80),
  );
  refused(
    () => Buffer.concat([buildHostWindows({ wide: true, signed: true }), Buffer.alloc(8)]),
    /more lies behind the signature/,
    () => undefined,
  );
  const machO = () => buildHostMachO({ signed: true });
  refused(machO, /of several machines/, (host) => host.writeUInt32BE(0xcafebabe, 0));
  refused(machO, /load commands/, (host) => host.writeUInt32LE(0xffffffff, 16));
  refused(machO, /cut short in its load commands/, (host) => host.writeUInt32LE(0xffff0, 20));
  refused(machO, /not known here/, (host) => host.writeUInt32LE(0x7777, host.indexOf(Buffer.from([0x2d, 0, 0, 0]))));
  refused(
    () => Buffer.concat([machO(), Buffer.alloc(16)]),
    /holds more behind its last segment/,
    () => undefined,
  );
});

test("a signature that begins before what is loaded ends is refused: what lies behind it would go with it", () => {
  for (const offset of [0, 0x80, 0x400, 4000]) {
    const host = buildHostWindows({ wide: true, signed: true });
    const entry = 0x80 + 24 + 112 + 4 * 8;
    host.writeUInt32LE(offset, entry);
    host.writeUInt32LE(host.length - offset, entry + 4);
    assert.throws(() => planInsertion(sourceOf(host), "host", 1), { code: "document-invalid", message: /signature/ });
  }
  for (const offset of [0, 32, 0x1000]) {
    const host = buildHostMachO({ signed: true });
    const at = host.indexOf(Buffer.from([0x1d, 0, 0, 0, 16, 0, 0, 0]));
    host.writeUInt32LE(offset, at + 8);
    host.writeUInt32LE(host.length - offset, at + 12);
    assert.throws(() => planInsertion(sourceOf(host), "host", 1), { code: "document-invalid", message: /signature/ });
  }
});

test("an ELF file of forty thousand sections that all have one name of a mebibyte takes no longer than another", () => {
  const host = buildHostElf({ bits: 64, bare: true });
  const [names, count] = [1024 * 1024, 40_000];
  const table = Buffer.alloc(count * 64);
  table.writeUInt32LE(3, 64 + 4);
  table.writeBigUInt64LE(BigInt(host.length), 64 + 24);
  table.writeBigUInt64LE(BigInt(names), 64 + 32);
  for (let at = 2; at < count; at += 1) table.writeUInt32LE(8, at * 64 + 4);
  host.writeBigUInt64LE(BigInt(host.length + names), 40);
  for (const [at, value] of [64, count, 1].entries()) host.writeUInt16LE(value, 58 + at * 2);
  const text = Buffer.alloc(names, "a");
  text[names - 1] = 0;
  const bomb = Buffer.concat([host, text, table]);
  const before = process.memoryUsage().heapUsed + process.memoryUsage().external;
  assert.equal(findEngines(sourceOf(bomb), "host").section, undefined);
  const grown = process.memoryUsage().heapUsed + process.memoryUsage().external - before;
  assert.ok(grown < 512 * 1024 * 1024, `${grown} bytes`);
});

const file = (path: string, content: string, executable = false) => ({
  path,
  bytes: Buffer.byteLength(content),
  sha256: digestOf(Buffer.from(content)),
  executable,
});

function release(version: string, files: readonly ReturnType<typeof file>[]): ReleaseToEmbed {
  const tree = digestOf(encodeTree(treeOf({ files })));
  const entries = [
    { name: "*", kind: "executable", path: "bin/toy" },
    { name: "toy", kind: "executable", path: "bin/toy" },
  ];
  return { engine: "toy", version, platform: "linux-x64", tree, entries, files };
}

const RELEASES = [
  release("1.0.0", [file("bin/toy", "one", true), file("share/a b.txt", "shared")]),
  release("1.1.0", [file("bin/toy", "other", true), file("share/größe.txt", "shared"), file("share/none", "")]),
];

test("the table says again what was embedded; a content that releases share is there once", () => {
  const { text, table } = layOutTable(RELEASES);
  assert.deepEqual(parseTable(text, table.bytes, digestOf), table);
  const places = table.releases.flatMap(({ files }) => files.filter(({ path }) => path.startsWith("share/")));
  assert.equal(places[0]?.offset, places[1]?.offset);
  assert.equal(table.bytes, 4096 * 4);
});

test("a table that was tampered with is refused", () => {
  const { text, table } = layOutTable(RELEASES);
  const said = Buffer.from(text).toString();
  const refused = (change: (text: string) => string, code = "document-invalid"): void => {
    const changed = change(said);
    assert.notEqual(changed, said);
    assert.throws(() => parseTable(Buffer.from(changed), table.bytes, digestOf), { code }, changed);
  };
  refused((text) => text.replace("embedded 1", "embedded 2"));
  refused((text) => text.slice(0, -1));
  refused((text) => text.slice(0, -20));
  refused((text) => `${text}\n`);
  refused((text) => text.replace("toy 1.0.0 ", "toy v1.0.0 "));
  refused((text) => text.replace("toy 1.0.0 ", "../toy 1.0.0 "));
  refused((text) => text.replace("toy 1.1.0 ", "toy 1.0.0 "));
  refused((text) => text.replace("linux-x64", "linux x64"));
  refused((text) => text.replace(/ 2 2\n/, " 2 999999\n"));
  refused((text) => text.replace(/file 00000000000/, "file 99900000000"));
  refused((text) => text.replace(/file [0-9]{16}/, "file 0000000000000000"));
  refused((text) => text.replace("entry executable * bin/toy", "entry executable * bin/no"));
  refused((text) => text.replace("share/none", "../../none"), "archive-hostile");
  refused((text) => text.replace("share/none", "share/nono"), "tree-mismatch");
  refused((text) => text.replace(/ x bin/, " - bin"), "tree-mismatch");
  refused((text) => text.replace(/ 3 [0-9a-f]{64} x/, (line) => line.replace("3", "2")), "tree-mismatch");
  assert.throws(() => parseTable(text, table.bytes - 1, digestOf), { code: "document-invalid" });
});
