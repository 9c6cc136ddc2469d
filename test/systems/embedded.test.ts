import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import fc from "fast-check";
import { answer, enginery, sound } from "../engines/support/command.ts";
import { pathOf, preparedEngines, reasonToSkip } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { must } from "../engines/support/prepare.ts";
import { HOST_PLATFORM, Publisher } from "../engines/support/publisher.ts";
import { LibraryChannel, toyLibrary } from "./support/libraries.ts";
import { prepareEmbeddedHost, prepareRustHost } from "./support/prepare-embedded.ts";
import { prepareMozjs } from "./support/prepare-libraries.ts";

const OLD = "0.2.1";
const NEW = "0.4.0";
const { hermes } = preparedEngines();
const hosts = { C: prepareEmbeddedHost(), Rust: prepareRustHost() };
const mozjs = { "78.15.0": prepareMozjs("78.15.0"), "102.15.1": prepareMozjs("102.15.1") };
const NONE = "engine: none (a library of a few lines: what matters is the host)";

interface Listed {
  readonly section: { readonly offset: number };
  readonly releases: readonly { readonly version: string; readonly tree: string }[];
}

/** Under the newer release's name and tree digest the older one's program, with its own right hash. */
function withOtherProgram(host: Buffer, section: number): Buffer {
  const [, all = "", bytes = ""] =
    /^(enginery-embedded 1 [0-9]{16}) ([0-9]{16})/.exec(host.toString("latin1", section, section + 63)) ?? [];
  const text = host.toString("utf8", section, section + Number(bytes));
  const [older = "", newer = ""] = text.match(/^file .* bin\/hermes$/gm) ?? [];
  const forged = text.replace(newer, older);
  const head = `${all} ${String(Buffer.byteLength(forged)).padStart(16, "0")}`;
  const out = Buffer.from(host);
  out.fill(0, section, section + Number(bytes));
  out.write(head + forged.slice(head.length), section);
  return out;
}

function run(program: string, words: readonly string[]) {
  const { status, signal, stdout, stderr } = spawnSync(program, words, { encoding: "utf8" });
  return { status: signal ?? status, stdout, stderr };
}

/** A channel of executables, each an archive made quickly; installed in the home that is answered. */
async function installed(work: string, engine: string, executables: Readonly<Record<string, string>>) {
  mkdirSync(work, { recursive: true });
  const publisher = new Publisher(work, "nodes");
  const { root } = await publisher.init();
  for (const [version, file] of Object.entries(executables)) {
    const tree = join(work, `tree-${version}`);
    mkdirSync(join(tree, "bin"), { recursive: true });
    copyFileSync(file, join(tree, "bin", engine));
    writeFileSync(join(tree, "NOTES"), `${engine} ${version}\n`);
    must("tar", ["-C", tree, "-I", "gzip -1", "-cf", `${tree}.tar.gz`, "bin", "NOTES"], work);
    await publisher.add({ engine, version, from: { archive: `${tree}.tar.gz` }, entry: `bin/${engine}` });
  }
  await publisher.sign("--epoch", "0");
  const home = join(work, "home");
  const names = Object.keys(executables).map((version) => `${engine}@${version}`);
  await sound(["install", ...names, "--from", publisher.repository, "--channel", "nodes", "--root", root.path], {
    home,
  });
  return { home, publisher, root };
}

for (const [language, host] of Object.entries(hosts)) {
  describe(`P6: executables in a host in ${language}`, { skip: reasonToSkip(host, hermes[OLD], hermes[NEW]) }, () => {
    const work = temporaryFolder();
    let home: string;
    let embedded: string;

    before(async () => {
      ({ home } = await installed(work, "hermes", { [OLD]: pathOf(hermes[OLD]), [NEW]: pathOf(hermes[NEW]) }));
      embedded = join(work, "host-engines");
      await sound(["embed", pathOf(host), `hermes@${OLD}`, `hermes@${NEW}`, "--to", embedded], { home });
    });

    it(`P6: two versions in one host in ${language}: each is started from memory, and is the one that was asked for`, (t) => {
      t.diagnostic(`engine: hermes ${OLD}, ${NEW} (npm)`);
      assert.match(run(pathOf(host), ["list"]).stderr, /no engines are embedded/, "the host runs as it was");
      assert.equal(run(embedded, ["list"]).stdout.trim().split("\n").length, 2);
      for (const version of [OLD, NEW]) {
        const ran = run(embedded, ["run", "hermes", version, "-", "--version"]);
        assert.match(
          ran.stdout,
          new RegExp(`Hermes JavaScript compiler.*[^0-9]${version.replaceAll(".", "\\.")}`, "s"),
          ran.stderr,
        );
        const script = join(work, "sum.js");
        writeFileSync(script, "print(40 + 2)");
        assert.equal(run(embedded, ["run", "hermes", version, "hermes", script]).stdout, "42\n");
      }
      assert.match(run(embedded, ["run", "hermes", "0.3.0", "-"]).stderr, /not embedded/);
    });

    it(`P6: a host in ${language} starts nothing that was changed, or that is another release than it was built with`, async (t) => {
      t.diagnostic(`engine: hermes ${NEW} (npm)`);
      const { releases } = await answer<Listed>(["embed", "--list", embedded]);
      const tree = releases.find(({ version }) => version === NEW)?.tree ?? "";
      assert.equal(run(embedded, ["--tree", tree, "run", "hermes", NEW, "-", "--version"]).status, 0);
      assert.match(run(embedded, ["--tree", tree, "run", "hermes", OLD, "-"]).stderr, /another release/);
      const spoilt = join(work, "spoilt");
      const bytes = readFileSync(embedded);
      const at = bytes.length - 40_000_000;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(spoilt, bytes, { mode: 0o755 });
      const ran = run(spoilt, ["run", "hermes", NEW, "-", "--version"]);
      assert.deepEqual([ran.status, ran.stdout], [1, ""]);
      assert.match(ran.stderr, /bin\/hermes is not what was embedded/);
      assert.equal((await enginery(["embed", "--verify", spoilt], { home })).status, 5);
    });

    it(`P6: a host in ${language} does not take a table's word for which release it is of`, async (t) => {
      t.diagnostic(`engine: hermes ${OLD}, ${NEW} (npm)`);
      const { section, releases } = await answer<Listed>(["embed", "--list", embedded]);
      const tree = releases.find(({ version }) => version === NEW)?.tree ?? "";
      const forged = join(work, "forged");
      writeFileSync(forged, withOtherProgram(readFileSync(embedded), section.offset), { mode: 0o755 });
      for (const known of [[], ["--tree", tree]]) {
        const ran = run(forged, [...known, "run", "hermes", NEW, "-", "--version"]);
        assert.deepEqual([ran.status, ran.stdout], [1, ""]);
        assert.match(ran.stderr, /are not those of its tree/);
      }
    });

    it(`P6: taken out as files, they are what was published, and run`, async (t) => {
      t.diagnostic(`engine: hermes ${NEW} (npm)`);
      const to = join(work, "taken-out");
      await sound(["embed", "--extract", embedded, `hermes@${NEW}`, "--to", to]);
      assert.match(run(join(to, "hermes", NEW, "bin/hermes"), ["--version"]).stdout, /Hermes/);
      assert.deepEqual(readdirSync(join(to, "hermes")), [NEW]);
    });
  });
}

for (const [language, host] of Object.entries(hosts)) {
  it(`P6: two dylibs embedded in a host in ${language} are loaded from memory, side by side`, {
    skip: reasonToSkip(host, ...Object.values(mozjs)),
  }, async (t) => {
    t.diagnostic("engine: SpiderMonkey 78.15.0, 102.15.1 (Debian's libmozjs)");
    const work = temporaryFolder();
    const releases = (["78.15.0", "102.15.1"] as const).map((version) => ({
      engine: "mozjs",
      version,
      files: { "libmozjs.so": pathOf(mozjs[version]) },
    }));
    const { home } = await LibraryChannel.begin(work, releases);
    const embedded = join(work, "host");
    await sound(["embed", pathOf(host), "mozjs@78.15.0", "mozjs@102.15.1", "--to", embedded], { home });
    const asked = releases.flatMap(({ version }) => ["mozjs", version, "-", "_Z27JS_GetImplementationVersionv"]);
    const ran = run(embedded, ["call", ...asked]);
    assert.equal(
      ran.stdout,
      "mozjs\t78.15.0\tJavaScript-C78.15.0\nmozjs\t102.15.1\tJavaScript-C102.15.1\n",
      ran.stderr,
    );
  });
}

describe("P6: a host in C, what it refuses", { skip: reasonToSkip(hosts.C) }, () => {
  const work = temporaryFolder();
  let home: string;

  before(async () => {
    const files = { "libtoy.so": toyLibrary(work, "1.0.0") };
    ({ home } = await LibraryChannel.begin(work, [{ engine: "toy", version: "1.0.0", files }]));
  });

  it("P6: an engine that cannot be started from memory is started from a file", async (t) => {
    t.diagnostic(NONE);
    const script = join(work, "script");
    writeFileSync(script, '#!/bin/sh\necho from a file "$@"\n', { mode: 0o755 });
    const made = await installed(join(work, "scripts"), "text", { "1.0.0": script });
    const embedded = join(work, "scripts", "host");
    await sound(["embed", pathOf(hosts.C), "text@1.0.0", "--to", embedded], { home: made.home });
    assert.match(run(embedded, ["run", "text", "1.0.0", "-"]).stderr, /from memory/);
    assert.equal(run(embedded, ["--folder", work, "run", "text", "1.0.0", "-", "one"]).stdout, "from a file one\n");
  });

  it("P6: a library is not executed, and an executable not loaded", async (t) => {
    t.diagnostic(NONE);
    const embedded = join(work, "kinds");
    await sound(["embed", pathOf(hosts.C), "toy@1.0.0", "--to", embedded], { home });
    assert.equal(run(embedded, ["call", "toy", "1.0.0", "-", "toy_version"]).stdout, "toy\t1.0.0\ttoy 1.0.0\n");
    assert.match(run(embedded, ["run", "toy", "1.0.0", "-"]).stderr, /of the kind library/);
  });

  it("P6: a file of any bytes is refused or answered, never more", async (t) => {
    t.diagnostic(NONE);
    const checked = prepareEmbeddedHost("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all");
    if ("missing" in checked) return t.skip(checked.missing);
    const embedded = join(work, "sane");
    await sound(["embed", pathOf(hosts.C), "toy@1.0.0", "--to", embedded], { home });
    const sane = readFileSync(embedded);
    const { section } = await answer<{ section: { offset: number } }>(["embed", "--list", embedded]);
    const spoilt = join(work, "fuzzed");
    const place = fc.oneof(
      fc.nat(63),
      fc.nat(1200).map((at) => section.offset + at),
      fc.nat(2500).map((at) => sane.length - 1 - at),
    );
    const change = fc.tuple(place, fc.constantFrom(0, 1, 10, 32, 0x39, 0x7f, 0xff), fc.constantFrom(1, 2, 8));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const copy = Buffer.from(sane);
        for (const [at, value, length] of changes) copy.subarray(at, at + length).fill(value);
        writeFileSync(spoilt, copy);
        const ran = run(pathOf(checked), ["--program", spoilt, "call", "toy", "1.0.0", "-", "toy_version"]);
        assert.ok(ran.status === 0 || ran.status === 1, `${ran.status}: ${ran.stderr}`);
        assert.equal(ran.stdout, ran.status === 0 ? "toy\t1.0.0\ttoy 1.0.0\n" : "");
      }),
      { numRuns: 80, seed: 20_270_101 },
    );
  });
});

describe("P6: a plain archive", { skip: reasonToSkip(hermes[OLD], hermes[NEW]) }, () => {
  it("P6: exported, unpacked by tar, checked by a shell, run as it lies and installed with no network", async (t) => {
    t.diagnostic(`engine: hermes ${OLD}, ${NEW} (npm)`);
    const work = temporaryFolder();
    const made = await installed(work, "hermes", { [OLD]: pathOf(hermes[OLD]), [NEW]: pathOf(hermes[NEW]) });
    const archive = join(work, "nodes.tar.gz");
    const { folder } = await answer<{ folder: string }>(["repo", "export", made.publisher.repository, "--to", archive]);
    must("tar", ["-xf", archive], work);
    const here = join(work, folder);
    for (const shell of ["sh", "bash", "busybox"]) {
      if (spawnSync(shell, ["-c", "true"]).status !== 0 && shell !== "busybox") continue;
      if (shell === "busybox" && spawnSync("busybox", ["sh", "-c", "true"]).status !== 0) continue;
      const words = [...(shell === "busybox" ? ["sh"] : []), join(here, "verify"), "--root-sha256", made.root.sha256];
      const ran = run(shell, words);
      assert.equal(ran.status, 0, ran.stdout + ran.stderr);
    }
    const script = join(work, "sum.js");
    writeFileSync(script, "print(40 + 2)");
    for (const version of [OLD, NEW]) {
      const path = join(here, "engines/hermes", version, HOST_PLATFORM, "bin/hermes");
      assert.equal(run(path, [script]).stdout, "42\n");
    }
    const home = join(work, "second-home");
    const from = ["--from", join(here, "repository"), "--channel", "nodes", "--root-sha256", made.root.sha256];
    const apart = spawnSync("unshare", ["-rn", "true"]).status === 0 ? { through: ["unshare", "-rn"] } : {};
    await sound(["install", `hermes@${NEW}`, "--offline", ...from], { home, ...apart });
    const { stdout } = await sound(["exec", `hermes@${NEW}`, "--", script], { home });
    assert.equal(stdout, "42\n");
  });
});
