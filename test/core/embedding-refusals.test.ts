import assert from "node:assert/strict";
import { test } from "node:test";
import { findEngines, planInsertion } from "../../src/core/embedding/host-binary.ts";
import { sourceOf } from "../support/byte-source.ts";
import { buildHostElf, buildHostMachO, buildHostWindows, inserted } from "../support/host-builders.ts";

const CONTENT = Buffer.alloc(5000, "engines ");

function refused(host: Buffer, message: RegExp, contentBytes = CONTENT.length): void {
  assert.throws(() => planInsertion(sourceOf(host), "host", contentBytes), { code: "document-invalid", message });
}

const changed = (host: Buffer, change: (host: Buffer) => void): Buffer => {
  change(host);
  return host;
};

test("an ELF file: sections and names lie within it, and there is room for one more", () => {
  const wide = () => buildHostElf({ bits: 64 });
  const [names, text] = [1056 + 64, 1056 + 128];
  const elf = (message: RegExp, change: (host: Buffer) => void): void => refused(changed(wide(), change), message);
  elf(/a section lies beyond its end/, (host) => host.writeBigUInt64LE(1n << 40n, text + 24));
  elf(/a section lies beyond its end/, (host) => host.writeBigUInt64LE(1n << 63n, text + 32));
  elf(/a name without an end/, (host) => host.writeBigUInt64LE(5n, names + 32));
  elf(/a section beyond the names/, (host) => host.writeUInt32LE(0xffff, text));
  refused(buildHostElf({ bits: 32 }), /too large for its own format/, 0xfffffe00);

  const count = 0xfeff;
  const full = Buffer.concat([buildHostElf({ bits: 32 }), Buffer.alloc((count - 3) * 40)]);
  full.writeUInt16LE(count, 48);
  refused(full, /no room for one more section/);
  const { pieces } = planInsertion(sourceOf(wide()), "host", CONTENT.length);
  const twice = inserted(wide(), pieces, CONTENT);
  const own = Number(twice.readBigUInt64LE(40)) + 3 * 64;
  assert.equal(twice.readUInt32LE(own + 4), 1);
  twice.writeUInt32LE(twice.readUInt32LE(own), own - 64);
  assert.throws(() => findEngines(sourceOf(twice), "host"), { message: /several sections/ });
});

test("a PE file: neither offsets nor addresses leave 32 bits, and nothing lies where the new header goes", () => {
  const optional = 0x80 + 24;
  const section = optional + 112 + 16 * 8;
  const pe = (message: RegExp, change: (host: Buffer) => void): void =>
    refused(changed(buildHostWindows({ wide: true }), change), message);
  refused(buildHostWindows({ wide: true }), /too large for its own format/, 0xffffff00);
  pe(/too large for its own format/, (host) => host.writeUInt32LE(0xffffe000, section + 12));
  pe(/no room for one more section header/, (host) => host.writeUInt32LE(section + 40, optional + 60));
  pe(/no room for one more section header/, (host) => host.writeUInt8(1, section + 79));
  pe(/a section lies over its headers/, (host) => host.writeUInt32LE(0x200, section + 20));
});

test("a Mach-O file: room for one command more, __LINKEDIT last and at a page, a signature at its end", () => {
  const commands = (host: Buffer) => 32 + host.readUInt32LE(20);
  const at = (host: Buffer, type: number): number => {
    let place = 32;
    while (host.readUInt32LE(place) !== type) place += host.readUInt32LE(place + 4);
    return place;
  };
  const [text, link] = [32, 32 + 72 + 80];
  const mac = (message: RegExp, change: (host: Buffer) => void): void =>
    refused(changed(buildHostMachO({ signed: true }), change), message);
  mac(/no room for one more load command/, (host) => host.writeUInt32LE(commands(host) + 128, text + 72 + 48));
  mac(/no room for one more load command/, (host) => host.writeUInt8(1, commands(host) + 100));
  mac(/a segment behind __LINKEDIT/, (host) => host.writeBigUInt64LE(0x4008n, text + 48));
  mac(/a segment behind __LINKEDIT/, (host) => host.writeBigUInt64LE(0x8000n, text + 24));
  mac(/more lies behind the signature/, (host) => host.writeUInt32LE(64, at(host, 0x1d) + 12));
  mac(/begins within a page/, (host) => {
    host.writeBigUInt64LE(0x4008n, link + 40);
    host.writeBigUInt64LE(BigInt(host.length - 0x4008), link + 48);
  });
  mac(/load command of a wrong size/, (host) => host.writeUInt32LE(12, at(host, 0x2d) + 4));
});
