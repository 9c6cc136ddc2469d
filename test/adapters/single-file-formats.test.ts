import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { elfWithBlob } from "../../scripts/sea/elf.ts";
import { signedAdHoc } from "../../scripts/sea/mach-o-signature.ts";
import { encodeResources, parseResources, type Resources, withResource } from "../../scripts/sea/windows-resources.ts";

const BLOB = Buffer.from("what is to be run");

/** Headers of these types (1 loaded, 4 a note, 6 the table itself), and 4096 bytes that are loaded. */
function elf(kind: number, ...types: readonly number[]): Buffer {
  const file = Buffer.alloc(9000, 0xee);
  file.fill(0, 0, 4096);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(file);
  file.writeUInt16LE(kind, 16);
  file.writeBigUInt64LE(64n, 32);
  file.writeBigUInt64LE(8000n, 40);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(types.length, 56);
  file.writeUInt16LE(12, 60);
  for (const [index, type] of types.entries()) {
    const at = 64 + index * 56;
    file.writeUInt32LE(type, at);
    for (const [field, value] of [0, 0x400000, 0x400000, 4096, 8192].entries()) {
      file.writeBigUInt64LE(BigInt(value), at + 8 + field * 8);
    }
  }
  return file;
}

const typesOf = (file: Buffer) =>
  Array.from({ length: file.readUInt16LE(56) }, (_, index) => file.readUInt32LE(64 + index * 56));

test("an ELF program keeps what is loaded as it is, and has the note where it is loaded", () => {
  const made = elfWithBlob(elf(2, 6, 1, 4), BLOB);
  assert.deepEqual(typesOf(made), [1, 1, 4], "in the places of the table's own header and the old note");
  const [offset, address] = [Number(made.readBigUInt64LE(64 + 56 + 8)), Number(made.readBigUInt64LE(64 + 56 + 16))];
  assert.ok(address >= 0x402000 && address % 0x10000 === offset % 0x10000);
  assert.equal(Number(made.readBigUInt64LE(64 + 112 + 8)), offset);
  assert.equal(made.toString("latin1", offset + 12, offset + 25), "NODE_SEA_BLOB");
  assert.deepEqual(made.subarray(offset + 28, offset + 28 + BLOB.length), BLOB);
  assert.equal(made.readBigUInt64LE(40), 0n, "no table of sections");
  assert.ok(!made.includes(0xee), "what nothing loads is left out");
});

test("an ELF file that may lie anywhere, or that is none, is refused", () => {
  assert.throws(() => elfWithBlob(elf(3, 6, 1, 4), BLOB), /fixed addresses/);
  assert.throws(() => elfWithBlob(Buffer.alloc(100), BLOB), /no ELF program/);
});

test("resources of a Windows program are as they were, with one more", () => {
  const icon = { address: 0x5000, bytes: 77, codePage: 1252 };
  const known: Resources = new Map<number | string, Resources>([
    ["TYPELIB", new Map([[1, new Map([[1033, icon]])]])],
    [3, new Map([[1, new Map([[1033, icon]])]])],
  ]);
  const made = parseResources(encodeResources(withResource(known, 10, "NODE_SEA_BLOB", BLOB), 0x9000));
  assert.deepEqual([...made.keys()], ["TYPELIB", 3, 10], "names before numbers, as they are searched by halves");
  assert.deepEqual(made.get(3), known.get(3));
  const bytes = encodeResources(withResource(known, 10, "NODE_SEA_BLOB", BLOB), 0x9000);
  const leaf = ((made.get(10) as Resources).get("NODE_SEA_BLOB") as Resources).get(0);
  assert.ok(leaf !== undefined && "address" in leaf && leaf.bytes === BLOB.length);
  assert.deepEqual(bytes.subarray(leaf.address - 0x9000, leaf.address - 0x9000 + leaf.bytes), BLOB);
});

test("a signature for nobody covers every byte before it, its own load command among them", () => {
  const program = Buffer.alloc(9001);
  program.writeUInt32LE(0xfeedfacf, 0);
  program.writeUInt32LE(2, 16);
  program.writeUInt32LE(144, 20);
  for (const [index, name] of ["__TEXT", "__LINKEDIT"].entries()) {
    const at = 32 + index * 72;
    program.writeUInt32LE(0x19, at);
    program.writeUInt32LE(72, at + 4);
    program.write(name, at + 8);
    program.writeBigUInt64LE(index === 0 ? 0n : 8192n, at + 40);
    program.writeBigUInt64LE(index === 0 ? 8192n : 809n, at + 48);
  }
  const made = signedAdHoc(program, "enginery");
  assert.equal(made.readUInt32LE(16), 3);
  const command = 32 + 144;
  const start = made.readUInt32LE(command + 8);
  assert.deepEqual(
    [made.readUInt32LE(command), start, start + made.readUInt32LE(command + 12)],
    [0x1d, 9008, made.length],
  );
  assert.equal(made.readBigUInt64LE(32 + 72 + 48), BigInt(made.length - 8192), "the last segment holds it");
  const directory = start + made.readUInt32BE(start + 16);
  assert.equal(made.toString("latin1", directory + 88, directory + 96), "enginery");
  const hashes = directory + made.readUInt32BE(directory + 16);
  for (const [block, [from, to]] of [
    [0, 4096],
    [4096, 8192],
    [8192, 9008],
  ].entries()) {
    const expected = createHash("sha256").update(made.subarray(from, to)).digest();
    assert.deepEqual(made.subarray(hashes + block * 32, hashes + block * 32 + 32), expected);
  }
  program.fill(1, 32 + 144, 32 + 144 + 16);
  assert.throws(() => signedAdHoc(program, "enginery"), /no room/);
});
