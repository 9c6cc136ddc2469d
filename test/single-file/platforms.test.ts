import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseResources, RESOURCE_DATA } from "../../scripts/sea/windows-resources.ts";
import { openPayload } from "../../src/adapters/carried/payload.ts";
import { CHECKOUT, sound } from "../engines/support/command.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { build } from "./support.ts";

const DEMO = join(CHECKOUT, "manifests", "demo");
const CARRIED = ["--channel", DEMO, "--embed", "wasmtime@36.0.2"];
/** A blob of Node's begins with it. */
const MAGIC = 0x0143da20;
const SEGMENT = 0x19;
const CODE_SIGNATURE = 0x1d;

/** Nothing of another system runs here: what is seen is that each is made as its system reads it. */
describe("one file for each other platform, made on Linux", () => {
  const work = temporaryFolder();

  for (const platform of ["linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"]) {
    it(`P6: ${platform} carries Enginery and a release of its own platform`, (t) => {
      t.diagnostic("engine: none (it is of another system)");
      const program = build(join(work, platform), "--platform", platform, ...CARRIED);
      requireCarried(program);
      const bytes = readFileSync(program);
      if (platform.startsWith("linux-")) requireElf(bytes);
      else if (platform.startsWith("win32-")) requireWindows(bytes);
      else requireMachO(bytes);
      t.diagnostic(`${bytes.length} bytes`);
    });
  }

  it("P6: a signature on the Windows one hides nothing of what it carries", (t) => {
    t.diagnostic("engine: none (it is of another system)");
    const program = join(work, "win32-x64");
    const bytes = readFileSync(program);
    assert.equal(bytes.length % 8, 0);
    const directory = bytes.readUInt32LE(60) + 24 + 112 + 4 * 8;
    bytes.writeUInt32LE(bytes.length, directory);
    bytes.writeUInt32LE(8192, directory + 4);
    writeFileSync(program, bytes);
    appendFileSync(program, Buffer.alloc(8192, 1));
    requireCarried(program);
  });

  it("P6: what the macOS ones run is understood by their Node", { skip: onLinux() }, async (t) => {
    t.diagnostic("engine: none (Enginery itself)");
    const program = build(join(work, "node-26"), "--platform", "linux-x64-26");
    assert.match((await sound(["--version"], { program })).stdout, /^enginery \d/);
    assert.match((await sound(["help", "install"], { program })).stdout, /A single file/);
  });
});

function onLinux(): string | false {
  return process.platform === "linux" && process.arch === "x64" ? false : "single files are run on linux-x64 only";
}

function requireCarried(program: string): void {
  const payload = openPayload(program);
  assert.deepEqual(payload?.releases().releases, [{ engine: "wasmtime", version: "36.0.2" }]);
  assert.deepEqual(payload?.releases().root, readFileSync(join(DEMO, "metadata", "1.root.json")));
}

function requireElf(bytes: Buffer): void {
  assert.equal(bytes.readUInt16LE(18), 183, "of arm64");
  const headers = Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => 64 + index * 56);
  const notes = headers.filter((at) => bytes.readUInt32LE(at) === 4);
  assert.equal(notes.length, 1);
  const at = Number(bytes.readBigUInt64LE((notes[0] ?? 0) + 8));
  assert.equal(bytes.toString("latin1", at + 12, at + 25), "NODE_SEA_BLOB");
  assert.equal(bytes.readUInt32LE(at + 28), MAGIC);
}

function requireWindows(bytes: Buffer): void {
  const header = bytes.readUInt32LE(60);
  const table = header + 24 + bytes.readUInt16LE(header + 20);
  const last = table + (bytes.readUInt16LE(header + 6) - 1) * 40;
  const [address, offset] = [bytes.readUInt32LE(last + 12), bytes.readUInt32LE(last + 20)];
  assert.equal(bytes.readUInt32LE(header + 24 + 112 + 16), address, "the resources are those of the last section");
  assert.equal(bytes.readUInt32LE(header + 24 + 112 + 32), 0, "it is not signed");
  const names = parseResources(bytes.subarray(offset)).get(RESOURCE_DATA);
  const languages = names instanceof Map ? names.get("NODE_SEA_BLOB") : undefined;
  const leaf = languages instanceof Map ? languages.get(0) : undefined;
  assert.ok(leaf !== undefined && "address" in leaf);
  assert.equal(bytes.readUInt32LE(offset + leaf.address - address), MAGIC);
}

function requireMachO(bytes: Buffer): void {
  const commands: number[] = [];
  for (let at = 32; commands.length < bytes.readUInt32LE(16); at += bytes.readUInt32LE(at + 4)) commands.push(at);
  const named = (name: string) =>
    commands.find(
      (at) => bytes.readUInt32LE(at) === SEGMENT && bytes.toString("latin1", at + 8, at + 8 + name.length) === name,
    );
  const blob = named("NODE_SEA") ?? assert.fail("NODE_SEA is not there");
  assert.equal(bytes.readUInt32LE(bytes.readUInt32LE(blob + 72 + 48)), MAGIC);
  const link = named("__LINKEDIT") ?? assert.fail("__LINKEDIT is not there");
  assert.equal(Number(bytes.readBigUInt64LE(link + 40) + bytes.readBigUInt64LE(link + 48)), bytes.length);
  const signature = commands.at(-1) ?? 0;
  assert.equal(bytes.readUInt32LE(signature), CODE_SIGNATURE);
  requireSigned(bytes, bytes.readUInt32LE(signature + 8));
}

/** As the kernel reads it: every block has the hash that the directory of the code says. */
function requireSigned(bytes: Buffer, start: number): void {
  assert.equal(bytes.readUInt32BE(start), 0xfade0cc0);
  const directory = start + bytes.readUInt32BE(start + 16);
  assert.equal(bytes.readUInt32BE(directory), 0xfade0c02);
  assert.equal(bytes.readUInt32BE(directory + 32), start, "all before the signature is covered");
  const [hashes, count] = [directory + bytes.readUInt32BE(directory + 16), bytes.readUInt32BE(directory + 28)];
  assert.equal(count, Math.ceil(start / 4096));
  for (let block = 0; block < count; block++) {
    const part = bytes.subarray(block * 4096, Math.min(start, (block + 1) * 4096));
    const place = hashes + block * 32;
    assert.ok(
      createHash("sha256")
        .update(part)
        .digest()
        .equals(bytes.subarray(place, place + 32)),
      `block ${block}`,
    );
  }
}
