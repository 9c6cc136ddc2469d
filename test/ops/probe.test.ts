import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { EntryPoint, Probe } from "../../src/core/model/manifest.ts";
import { libraryReportPattern } from "../../src/core/report-pattern.ts";
import { type ProbeResult, probe } from "../../src/ops/probe.ts";
import { expectProblem } from "../../src/ops/probe-run.ts";
import { makeTestWorld } from "../support/test-world.ts";

const POSIX = { skip: process.platform === "win32" };

interface Case {
  readonly file?: string | Uint8Array;
  readonly expect?: string;
  readonly args?: readonly string[];
  readonly platform?: string;
  readonly kind?: EntryPoint["kind"];
  readonly withoutProbe?: true;
}

async function probing(given: Case): Promise<{ readonly result: ProbeResult; readonly warnings: readonly string[] }> {
  using world = makeTestWorld();
  const path = join(world.folder, "stage");
  mkdirSync(join(path, "bin"), { recursive: true });
  writeFileSync(join(path, "bin/engine"), given.file ?? "#!/bin/sh\necho engine 1.2.3\n");
  chmodSync(join(path, "bin/engine"), 0o555);
  const entry: EntryPoint = {
    path: "bin/engine",
    kind: given.kind ?? "executable",
    ...(given.withoutProbe
      ? {}
      : { probe: { args: given.args ?? ["--version"], expect: given.expect ?? "^engine 1\\.2\\.3$" } }),
  };
  const platform = given.platform ?? world.host.platform;
  const result = await probe(world, { path, platform, entries: { engine: entry } });
  return { result, warnings: world.warnings.map(({ code }) => code) };
}

async function reasonOf(given: Case): Promise<string> {
  const { result } = await probing(given);
  assert.ok(!result.ok, "it passed");
  assert.equal(result.entry, "engine");
  return result.reason;
}

/** A 64-bit ELF head for `machine`, asking for a loader. */
function elf(machine: number, loader: string): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(3, 64);
  bytes.writeBigUInt64LE(200n, 72);
  bytes.writeBigUInt64LE(BigInt(loader.length + 1), 96);
  bytes.write(`${loader}\0`, 200);
  return bytes;
}

const THIS_MACHINE = process.arch === "arm64" ? 183 : 62;
const OTHER_MACHINE = process.arch === "arm64" ? 62 : 183;

test("an entry point that says what it should is proven, in a clean environment", POSIX, async () => {
  assert.deepEqual((await probing({})).result, { ok: true, doubts: [] });
  process.env["ENGINERY_TEST_SECRET"] = "secret";
  const seen = await reasonOf({ file: "#!/bin/sh\nenv; ls -A\n", expect: "nothing like it" });
  delete process.env["ENGINERY_TEST_SECRET"];
  assert.ok(seen.includes("PATH=/usr/bin:/bin") && seen.includes("LANG=C") && !seen.includes("secret"), seen);
});

test("an entry point without a probe is not run, and is still held against this machine", POSIX, async () => {
  const file = "#!/bin/sh\nexit 9\n";
  assert.deepEqual((await probing({ file, withoutProbe: true })).result, { ok: true, doubts: [] });
  assert.deepEqual((await probing({ file: "data of a library", withoutProbe: true, kind: "library" })).result, {
    ok: true,
    doubts: [],
  });
});

test("a release for another platform is not run, with a warning; one for any is", POSIX, async () => {
  const foreign = await probing({ file: "#!/bin/sh\nexit 9\n", platform: "plan9-x64" });
  assert.deepEqual(foreign, { result: { ok: true, doubts: [] }, warnings: ["not-run-here"] });
  assert.deepEqual((await probing({ platform: "any" })).result, { ok: true, doubts: [] });
  assert.ok(!(await probing({ platform: "any", file: "#!/bin/sh\nexit 9\n" })).result.ok);
});

test(
  "another version is refused, with the file, what was expected and what was found, nothing of it raw",
  POSIX,
  async () => {
    const reason = await reasonOf({ file: "#!/bin/sh\nprintf 'engine 9.9.9\\033[31m\\n'\n" });
    assert.match(reason, /^bin\/engine --version should say "\^engine/);
    assert.ok(reason.includes("engine 9.9.9\\u{1b}"), reason);
    const long = await reasonOf({ file: "#!/bin/sh\nhead -c 100000 /dev/zero | tr '\\0' x\n" });
    assert.ok(long.length < 400);
  },
);

test("a status other than 0 is refused, whatever it says", POSIX, async () => {
  const reason = await reasonOf({ file: "#!/bin/sh\necho engine 1.2.3\nexit 3\n" });
  assert.match(reason, /exited with 3/);
});

test("what the dynamic linker lacks is named", POSIX, async () => {
  const glibc = `#!/bin/sh\necho "x: /lib/libc.so.6: version \\\`GLIBC_2.99' not found (required by x)" >&2\nexit 1\n`;
  assert.match(await reasonOf({ file: glibc }), /because this host lacks GLIBC 2\.99/);
  const library = "#!/bin/sh\necho 'x: error while loading shared libraries: libfoo.so.7: cannot open' >&2\nexit 127\n";
  assert.match(await reasonOf({ file: library }), /lacks the library libfoo\.so\.7/);
});

test("a program of another machine, system or loader is refused without being run", {
  skip: process.platform !== "linux",
}, async () => {
  assert.match(
    await reasonOf({ file: elf(OTHER_MACHINE, "/lib/x") }),
    /is built for the architecture \w+, this host is/,
  );
  assert.match(
    await reasonOf({ file: elf(THIS_MACHINE, "/lib/no-such-loader.so.2") }),
    /loader.*\/lib\/no-such-loader\.so\.2/,
  );
  assert.match(await reasonOf({ file: "#!/no/such/interpreter\n" }), /interpreter \/no\/such\/interpreter/);
  assert.match(await reasonOf({ file: Buffer.from("cffaedfe00000000", "hex") }), /another system/);
  assert.match(
    await reasonOf({ file: elf(OTHER_MACHINE, "/lib/x"), kind: "library", withoutProbe: true }),
    /architecture/,
  );
});

test("a signal is named, an illegal instruction explained", POSIX, async () => {
  assert.match(
    await reasonOf({ file: "#!/bin/sh\nkill -ILL $$\n" }),
    /ended by SIGILL \(it needs a feature that this CPU lacks\)/,
  );
  assert.match(await reasonOf({ file: "#!/bin/sh\nkill -SEGV $$\n" }), /ended by SIGSEGV/);
});

test("an expression that cannot be used is the publisher's fault", POSIX, async () => {
  assert.equal(expectProblem("^engine \\d"), undefined);
  assert.equal(expectProblem("("), "is not a regular expression");
  assert.equal(expectProblem("x".repeat(513)), "is longer than 512 characters");
  assert.match(await reasonOf({ expect: "[" }), /is not a regular expression/);
  const slow = await reasonOf({ file: "#!/bin/sh\necho aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\n", expect: "^(a+)+$" });
  assert.match(slow, /takes too long/);
});

test("a library is proven by the entry point of its release that loads it", POSIX, async () => {
  const loader = '#!/bin/sh\n[ "$1" = -q ] && shift\necho "$# $1"; cat "$1"\n';
  const expect = libraryReportPattern("1.1.0");
  const libraryProbe = { args: [], expect, with: "report" };
  assert.deepEqual(await loading("pink 1.1", loader, libraryProbe), { ok: true, doubts: [] });
  assert.deepEqual(await loading("pink 1.1", loader, { ...libraryProbe, args: ["-q"] }), { ok: true, doubts: [] });
  const wrong = await loading("pink 1.2", loader, libraryProbe);
  assert.ok(!wrong.ok);
  assert.equal(wrong.entry, "pink");
  assert.match(wrong.reason, /^bin\/report lib\/libpink\.so should say 1\.1; it said "1 .*pink 1\.2"$/);
  for (const name of ["nobody", "pink"]) {
    const nobody = await loading("pink 1.1", loader, { ...libraryProbe, with: name });
    assert.ok(!nobody.ok);
    assert.equal(nobody.reason, `lib/libpink.so is to be loaded by ${name}, which is no executable of the release`);
  }
});

async function loading(library: string, loader: string, libraryProbe: Probe): Promise<ProbeResult> {
  using world = makeTestWorld();
  const path = join(world.folder, "stage");
  for (const folder of ["bin", "lib"]) mkdirSync(join(path, folder), { recursive: true });
  writeFileSync(join(path, "lib/libpink.so"), library, { mode: 0o444 });
  writeFileSync(join(path, "bin/report"), loader, { mode: 0o555 });
  const entries: Record<string, EntryPoint> = {
    pink: { path: "lib/libpink.so", kind: "library", probe: libraryProbe },
    report: { path: "bin/report", kind: "executable" },
  };
  return await probe(world, { path, platform: world.host.platform, entries });
}
