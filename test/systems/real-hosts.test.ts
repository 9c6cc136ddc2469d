import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { signedAdHoc } from "../../scripts/sea/mach-o-signature.ts";
import { pinnedNode } from "../../scripts/sea/nodes.ts";
import { answer, CHECKOUT } from "../engines/support/command.ts";
import { type Prepared, pathOf, reasonToSkip } from "../engines/support/engines.ts";
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
import { LibraryChannel, toyLibrary } from "./support/libraries.ts";
import { prepareEmbeddedHost, prepareRustHost } from "./support/prepare-embedded.ts";

const NONE = "engine: none (a library of a few lines: what matters is the host)";
const SOUND = { ok: true, why: "" };
const reader = prepareEmbeddedHost();
const goProgram = prepareSignatureReader();
const lief = prepareLief();
const onLinux: Prepared = process.platform === "linux" ? { path: "/" } : { missing: "needs Linux" };

const ELF_PROGRAMS = ["strip", "readelf", "eu-elflint", "patchelf"].map((command) => found(command));

/** Each with words that it answers quickly. */
const ELF: Readonly<Record<string, { readonly host: Prepared; readonly words: readonly string[] }>> = {
  "ls of the system": { host: onLinux, words: ["-d", "/"] },
  "Node, of 120 MB": { host: onLinux, words: ["-p", "6 * 7"] },
  "a static program of Go": { host: goProgram, words: [] },
  "a program of Rust": { host: prepareRustHost(), words: ["--program", "/bin/sh", "list"] },
};

async function nodeOf(platform: string, folder: string): Promise<string> {
  const { bytes } = await pinnedNode(platform, join(CHECKOUT, ".cache", "single-file"));
  const file = join(folder, `node-${platform}`);
  writeFileSync(file, bytes, { mode: 0o755 });
  return file;
}

describe("P6: hosts as they are found, with engines put into them", { skip: reasonToSkip(onLinux, reader) }, () => {
  const work = temporaryFolder();
  let home: string;
  let layout: (file: string) => unknown;

  before(async () => {
    const files = { "libtoy.so": toyLibrary(work, "1.0.0") };
    ({ home } = await LibraryChannel.begin(work, [{ engine: "toy", version: "1.0.0", files }]));
    const python = "path" in lief ? unpackLief(lief.path, join(work, "lief")) : undefined;
    layout = (file) => (python === undefined ? SOUND : layoutOf(python, file));
  });

  async function embedded(host: string): Promise<{ readonly path: string; readonly signatureRemoved: boolean }> {
    const path = `${host}-engines`;
    const words = ["embed", host, "toy@1.0.0", "--to", path];
    return answer<{ path: string; signatureRemoved: boolean }>(words, { home });
  }

  async function requireWhole(file: string): Promise<void> {
    assert.equal((await answer<{ ok: boolean }>(["embed", "--verify", file], { home })).ok, true);
    const words = ["--program", file, "call", "toy", "1.0.0", "-", "toy_version"];
    assert.equal(must(pathOf(reader), words, work), "toy\t1.0.0\ttoy 1.0.0\n");
  }

  for (const [name, { host, words }] of Object.entries(ELF)) {
    it(`P6: ${name} runs as before, also when it was stripped and patched afterwards`, {
      skip: reasonToSkip(host, ...ELF_PROGRAMS),
    }, async (t) => {
      t.diagnostic(NONE);
      const from = name.startsWith("ls") ? "/bin/ls" : name.startsWith("Node") ? process.execPath : pathOf(host);
      const program = join(work, name.replaceAll(/\W+/g, "-"));
      copyFileSync(from, program);
      const { path } = await embedded(program);
      const ran = (file: string) => {
        const { status, stdout, stderr } = spawnSync(file, words, { encoding: "utf8" });
        return { status, stdout, stderr: stderr.replaceAll(file, "FILE") };
      };
      const as = ran(program);
      assert.deepEqual(ran(path), as);
      await requireWhole(path);
      assert.deepEqual(layout(path), layout(program));
      assert.deepEqual(
        complaintsOf("eu-elflint", ["--gnu-ld", path]),
        complaintsOf("eu-elflint", ["--gnu-ld", program]),
      );
      assert.deepEqual(complaintsOf("readelf", ["-WSl", path]), complaintsOf("readelf", ["-WSl", program]));
      for (const [change, ...more] of [["strip"], ["patchelf", "--set-rpath", "/opt/engines"]] as const) {
        const changed = `${path}-${change}`;
        copyFileSync(path, changed);
        const did = spawnSync(change, [...more, changed], { encoding: "utf8" });
        if (change === "patchelf" && did.status !== 0) {
          assert.match(did.stderr, /statically linked/);
          continue;
        }
        assert.equal(did.status, 0, did.stderr);
        await requireWhole(changed);
        assert.deepEqual(ran(changed), as, change);
      }
    });
  }

  it("P6: Node for macOS loses its signature, takes another, and dyld's looks find nothing", {
    skip: reasonToSkip(goProgram, lief),
  }, async (t) => {
    t.diagnostic(NONE);
    const host = await nodeOf("darwin-arm64", work);
    const { path, signatureRemoved } = await embedded(host);
    assert.equal(signatureRemoved, true);
    await requireWhole(path);
    assert.deepEqual(signatureIn(pathOf(goProgram), path).problems, ["not signed"]);
    const signed = `${path}-signed`;
    writeFileSync(signed, signedAdHoc(readFileSync(path), "node"));
    assert.deepEqual(signatureIn(pathOf(goProgram), signed).problems, []);
    assert.deepEqual(layout(signed), SOUND);
    await requireWhole(signed);
    const rcodesign = found("rcodesign");
    if ("missing" in rcodesign) return;
    copyFileSync(path, signed);
    must("rcodesign", ["sign", signed], work);
    assert.deepEqual(signatureIn(pathOf(goProgram), signed).problems, []);
    assert.deepEqual(layout(signed), SOUND);
    await requireWhole(signed);
  });

  it("P6: Node for Windows loses its signature, and takes another that is sound", {
    skip: reasonToSkip(lief, found("osslsigncode"), found("openssl", "version")),
  }, async (t) => {
    t.diagnostic(NONE);
    const host = await nodeOf("win32-x64", work);
    const { path, signatureRemoved } = await embedded(host);
    assert.equal(signatureRemoved, true);
    await requireWhole(path);
    assert.deepEqual(layout(path), SOUND);
    assert.match(must("objdump", ["-h", path], work), /\.enginry/);
    const name = ["-subj", "/CN=somebody", "-addext", "extendedKeyUsage=codeSigning"];
    must("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "cert", ...name], work);
    const signed = `${path}-signed`;
    must("osslsigncode", ["sign", "-certs", "cert", "-key", "key", "-in", path, "-out", signed], work);
    assert.deepEqual(layout(signed), SOUND);
    assert.match(
      must("osslsigncode", ["verify", "-CAfile", "cert", "-in", signed], work),
      /Signature verification: ok/,
    );
    await requireWhole(signed);
  });
});

/** What a reader of programs says, without the file's own name. */
function complaintsOf(command: string, words: readonly string[]): string[] {
  const ran = spawnSync(command, words, { encoding: "utf8", maxBuffer: 1 << 26 });
  const said = command === "readelf" ? ran.stderr : `${ran.stdout}${ran.stderr}`;
  return (said ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replaceAll(words.at(-1) ?? "", "FILE"));
}
