import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { signedAdHoc } from "../../scripts/sea/mach-o-signature.ts";
import { CHECKOUT } from "../engines/support/command.ts";
import { pathOf, reasonToSkip } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { must } from "../engines/support/prepare.ts";
import {
  found,
  layoutOf,
  prepareLief,
  prepareSignatureReader,
  signatureIn,
  unpackLief,
} from "../engines/support/program-readers.ts";
import { build } from "./support.ts";

const CARRIED = ["--channel", join(CHECKOUT, "manifests", "demo"), "--embed", "wasmtime@36.0.2"];
const NONE = "engine: none (it is of another system)";
const SOUND = { ok: true, why: "" };
const PAGE_BYTES = 4096;
const signatures = prepareSignatureReader();
const lief = prepareLief();
const objcopy = found("llvm-objcopy");
const rcodesign = found("rcodesign");

/** What a Mac would do with it is not shown here: docs/PLATFORMS.md. */
for (const platform of ["darwin-x64", "darwin-arm64"]) {
  describe(`P6: the single file for ${platform}, as others read it`, () => {
    const work = temporaryFolder();
    const program = join(work, "enginery");
    let reader: string;

    before(() => {
      build(program, "--platform", platform, ...CARRIED);
      if ("path" in lief) reader = unpackLief(lief.path, join(work, "lief"));
    });

    it(`P6: ${platform}: go-macho signs the same code with the same hashes`, {
      skip: reasonToSkip(signatures),
    }, (t) => {
      t.diagnostic(NONE);
      const { id, pages, problems } = signatureIn(pathOf(signatures), program);
      assert.deepEqual([id, problems], ["enginery", []]);
      t.diagnostic(`${pages} pages`);
    });

    it(`P6: ${platform}: LIEF finds in it what dyld asks for`, { skip: reasonToSkip(lief) }, (t) => {
      t.diagnostic(NONE);
      assert.deepEqual(layoutOf(reader, program), SOUND);
    });

    it(`P6: ${platform}: rcodesign has nothing against it but that nobody signed it`, {
      skip: reasonToSkip(rcodesign),
    }, (t) => {
      t.diagnostic(NONE);
      assert.deepEqual(complaints(program), ["no cryptographic signature present"]);
    });

    // one platform shows it for both
    if (platform === "darwin-x64") return;

    it(`P6: ${platform}: a changed page, a cut signature and a wrong size are named by each`, {
      skip: reasonToSkip(signatures, lief),
    }, (t) => {
      t.diagnostic(NONE);
      const { pages } = signatureIn(pathOf(signatures), program);
      const bytes = readFileSync(program);
      spoilt(bytes, 40 * PAGE_BYTES + 7, (spoiltFile) =>
        assert.deepEqual(signatureIn(pathOf(signatures), spoiltFile).problems, ["page 40 has another hash"]),
      );
      const last = signatureStart(bytes) - 1;
      spoilt(bytes, last, (spoiltFile) =>
        assert.deepEqual(signatureIn(pathOf(signatures), spoiltFile).problems, [`page ${pages - 1} has another hash`]),
      );
      spoilt(bytes, linkEdit(bytes) + 48, (spoiltFile) =>
        assert.match(
          signatureIn(pathOf(signatures), spoiltFile).problems[0] ?? "",
          /the signature ends at .*__LINKEDIT/,
        ),
      );
      const cut = join(work, "cut");
      writeFileSync(cut, bytes);
      truncateSync(cut, bytes.length - PAGE_BYTES);
      assert.ok(signatureIn(pathOf(signatures), cut).problems.length > 0, "cut");
      spoilt(bytes, fixups(bytes) + 32, (spoiltFile) => assert.match(layoutOf(reader, spoiltFile).why, /seg_count/));
      spoilt(bytes, linkEdit(bytes) + 48, (spoiltFile) => assert.notDeepEqual(layoutOf(reader, spoiltFile), SOUND));
    });

    it(`P6: ${platform}: LLVM's signature of a program is the one that is made here, byte for byte`, {
      skip: reasonToSkip(objcopy),
    }, (t) => {
      t.diagnostic(NONE);
      const folder = temporaryFolder();
      // it signs what it writes, by the file's name; and orders __LINKEDIT anew
      const copy = join(folder, "enginery");
      must(pathOf(objcopy), [program, copy], folder);
      const theirs = readFileSync(copy);
      assert.ok(signedAdHoc(unsigned(theirs), "enginery").equals(theirs));
    });

    it(`P6: ${platform}: rcodesign names a changed page`, { skip: reasonToSkip(rcodesign) }, (t) => {
      t.diagnostic(NONE);
      const bytes = readFileSync(program);
      spoilt(bytes, 40 * PAGE_BYTES + 7, (spoiltFile) =>
        assert.match(complaints(spoiltFile).join("\n"), /code digest mismatch for entry 40;/),
      );
    });

    function spoilt(bytes: Buffer, at: number, look: (file: string) => void): void {
      const file = join(work, "spoilt");
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      writeFileSync(file, bytes);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      look(file);
    }
  });
}

/** One a line, between what it says of itself and its end. */
function complaints(file: string): string[] {
  const ran = spawnSync(pathOf(rcodesign), ["verify", file], { encoding: "utf8" });
  return `${ran.stdout}${ran.stderr}`.split("\n").filter((line) => line !== "" && !/^\(|^Error: /.test(line));
}

function commandsOf(program: Buffer): number[] {
  const commands: number[] = [];
  for (let at = 32; commands.length < program.readUInt32LE(16); at += program.readUInt32LE(at + 4)) commands.push(at);
  return commands;
}

function commandWith(program: Buffer, is: (at: number) => boolean): number {
  return commandsOf(program).find(is) ?? assert.fail("a load command is missing");
}

function linkEdit(program: Buffer): number {
  return commandWith(program, (at) => program.toString("latin1", at + 8, at + 18) === "__LINKEDIT");
}

function fixups(program: Buffer): number {
  return program.readUInt32LE(commandWith(program, (at) => program.readUInt32LE(at) === 0x80000034) + 8);
}

function signatureStart(program: Buffer): number {
  return program.readUInt32LE(commandWith(program, (at) => program.readUInt32LE(at) === 0x1d) + 8);
}

/** Its last load command is that of the signature. */
function unsigned(program: Buffer): Buffer {
  const end = signatureStart(program);
  const last = commandsOf(program).at(-1) ?? 0;
  const out = Buffer.from(program.subarray(0, end));
  out.fill(0, last, last + 16);
  out.writeUInt32LE(out.readUInt32LE(16) - 1, 16);
  out.writeUInt32LE(out.readUInt32LE(20) - 16, 20);
  return out;
}
