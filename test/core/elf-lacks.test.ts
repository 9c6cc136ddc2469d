import assert from "node:assert/strict";
import { test } from "node:test";
import { buildElf, type ElfOptions } from "../support/elf-builder.ts";
import { ask, type Files, told } from "./support/files.ts";

const LOADER = "/lib64/ld-linux-x86-64.so.2";
const x64 = (options: ElfOptions = {}) => buildElf({ machine: 62, ...options });
const program = (options: ElfOptions = {}) => x64({ interpreter: LOADER, ...options });
const LIBC = x64({ soname: "libc.so.6", provides: ["GLIBC_2.2.5", "GLIBC_2.9", "GLIBC_2.36", "GLIBC_PRIVATE"] });
const SYSTEM: Files = { [LOADER]: x64({ soname: "ld-linux-x86-64.so.2" }), "/lib/libc.so.6": LIBC };

test("a program whose needs are all met lacks nothing", () => {
  const engine = program({ needed: ["libc.so.6"], requires: { "libc.so.6": ["GLIBC_2.36"] }, leastKernel: [3, 2, 0] });
  assert.deepEqual(told({ ...SYSTEM, "/r/bin/e": engine }, "bin/e"), []);
  assert.deepEqual(told({ "/r/bin/e": x64() }, "bin/e"), [], "linked statically");
  assert.deepEqual(told({ "/r/bin/e": "data" }, "bin/e"), []);
  assert.deepEqual(told({}, "bin/e"), [], "verify tells that it is gone");
});

test("another system and another machine are the release's own fault", () => {
  const files = { "/r/e": buildElf({ machine: 183 }), "/r/m": Buffer.from("cffaedfe0700000100000000", "hex") };
  assert.deepEqual(told(files, "e"), ["certain release: e is built for the architecture arm64, this host is x64"]);
  assert.deepEqual(told(files, "m"), ["certain release: m is a program for another system (mach-o)"]);
  assert.deepEqual(told(files, "e", {}, "darwin-arm64"), ["certain release: e is a program for another system (elf)"]);
  assert.deepEqual(told(files, "e", {}, "linux-arm64"), []);
});

test("a loader or an interpreter that is not there", () => {
  assert.deepEqual(told({ "/r/e": program({ needed: ["libc.so.6"] }) }, "e"), [
    `certain host: e needs the loader (glibc or musl) ${LOADER}, which is not on this host`,
  ]);
  assert.deepEqual(told({ "/r/s": "#!/no/sh\n" }, "s"), [
    "certain host: s needs the interpreter /no/sh, which is not on this host",
  ]);
  assert.deepEqual(told({ "/r/s": "#!/bin/sh\n", "/bin/sh": x64() }, "s"), []);
  assert.deepEqual(told({ "/r/s": "#!sh\n" }, "s"), [], "where that lies is for the kernel to say");
});

test("an older kernel, at every place of its number; one that is not told speaks against nothing", () => {
  const kernelOf = (leastKernel: readonly [number, number, number], systemVersion: readonly number[]) =>
    told({ "/r/e": x64({ leastKernel }) }, "e", { systemVersion });
  assert.deepEqual(kernelOf([99, 0, 0], [6, 18, 44]), [
    "certain host: e needs the kernel Linux 99.0.0, this host runs 6.18.44",
  ]);
  assert.equal(kernelOf([6, 18, 45], [6, 18, 44]).length, 1);
  assert.equal(kernelOf([6, 19, 0], [6, 18, 44]).length, 1);
  assert.equal(kernelOf([6, 18, 44], [6, 18, 44]).length, 0);
  assert.equal(kernelOf([5, 99, 99], [6]).length, 0);
  assert.equal(kernelOf([99, 0, 0], []).length, 0);
});

test("a CPU of a lower level, with what it lacks", () => {
  const levelOf = (x86Levels: number, x86Level: number | undefined) =>
    told({ "/r/e": x64({ x86Levels }) }, "e", { x86Level });
  assert.deepEqual(levelOf(0b1000, 3), [
    "certain host: e needs a CPU of x86-64-v4 (avx512bw, avx512cd, avx512dq, avx512f, ...), this host's is x86-64-v3",
  ]);
  assert.deepEqual(levelOf(0b10000, 4), [
    "certain host: e needs a CPU of x86-64-v5 (more than any level known here), this host's is x86-64-v4",
  ]);
  assert.equal(levelOf(0b0100, 3).length, 0);
  assert.equal(levelOf(0b0111, 1).length, 1);
  assert.equal(levelOf(0b1000, undefined).length, 0);
});

test("a version of glibc that is not there is certain; the newest that is missing is named, and the newest there is", () => {
  const requires = { "libc.so.6": ["GLIBC_2.2.5", "GLIBC_2.100", "GLIBC_2.99", "GLIBC_2.36"] };
  const files = { ...SYSTEM, "/r/e": program({ needed: ["libc.so.6"], requires }) };
  assert.deepEqual(told(files, "e"), [
    "certain host: e needs GLIBC_2.100 of libc.so.6, and /lib/libc.so.6 goes up to GLIBC_2.36",
  ]);
  const weak = { "libc.so.6": ["?GLIBC_2.99"] };
  assert.deepEqual(told({ ...SYSTEM, "/r/e": program({ needed: ["libc.so.6"], requires: weak }) }, "e"), []);
});

test("a version of another library is likely missing; a library without any versions is taken by the linker", () => {
  const requires = { "libstdc++.so.6": ["GLIBCXX_3.4.99", "CXXABI_9"] };
  const engine = program({ needed: ["libstdc++.so.6"], requires });
  const library = (provides?: readonly string[]) => x64({ soname: "libstdc++.so.6", ...(provides && { provides }) });
  const files = (provides?: readonly string[]) => ({
    ...SYSTEM,
    "/r/e": engine,
    "/lib/libstdc++.so.6": library(provides),
  });
  assert.deepEqual(told(files(["GLIBCXX_3.4", "GLIBCXX_3.4.30", "CXXABI_1.3"]), "e"), [
    "likely host: e needs CXXABI_9 of libstdc++.so.6, and /lib/libstdc++.so.6 goes up to CXXABI_1.3",
  ]);
  assert.deepEqual(told(files(["OTHER_1"]), "e"), [
    "likely host: e needs CXXABI_9 of libstdc++.so.6, and /lib/libstdc++.so.6 knows no CXXABI",
  ]);
  assert.deepEqual(told(files(), "e"), []);
});

test("under a loader in a place of its own no version is certain: it may have its own libraries", () => {
  const loader = "/nix/store/glibc/lib/ld-linux-x86-64.so.2";
  const requires = { "libc.so.6": ["GLIBC_2.99"] };
  const engine = x64({ interpreter: loader, needed: ["libc.so.6"], requires });
  const files = { ...SYSTEM, [loader]: x64(), "/r/e": engine };
  assert.match(told(files, "e")[0] ?? "", /^likely host/);
  const beside = x64({ soname: "libc.so.6", provides: ["GLIBC_2.99"] });
  assert.deepEqual(told({ ...files, "/nix/store/glibc/lib/libc.so.6": beside }, "e"), [], "beside the loader first");
});

test("libraries of the release are followed, and what they need is asked for in their name", () => {
  const files = {
    ...SYSTEM,
    "/r/bin/e": program({ needed: ["libone.so"], runpath: "$ORIGIN/../lib" }),
    "/r/lib/libone.so": x64({ needed: ["libtwo.so", "libc.so.6"], runpath: "$ORIGIN:/nowhere" }),
    "/r/lib/libtwo.so": x64({ needed: ["libgone.so.7"], requires: { "libc.so.6": ["GLIBC_2.99"] }, x86Levels: 8 }),
  };
  assert.deepEqual(told(files, "bin/e"), [
    "certain host: lib/libtwo.so needs a CPU of x86-64-v4 (avx512bw, avx512cd, avx512dq, avx512f, ...), this host's is x86-64-v3",
    "certain host: lib/libtwo.so needs GLIBC_2.99 of libc.so.6, and /lib/libc.so.6 goes up to GLIBC_2.36",
    "likely host: lib/libtwo.so needs the library libgone.so.7, which is not on this host",
  ]);
});

test("the host's own libraries are taken as they are", () => {
  const broken = x64({ needed: ["libgone.so"], requires: { "libc.so.6": ["GLIBC_2.99"] } });
  const files = { ...SYSTEM, "/lib/libhost.so": broken, "/r/e": program({ needed: ["libhost.so", "libc.so.6"] }) };
  assert.deepEqual(told(files, "e"), []);
});

test("libraries that need each other, or themselves, end", () => {
  const files = {
    ...SYSTEM,
    "/r/e": program({ needed: ["libone.so"], runpath: "$ORIGIN" }),
    "/r/libone.so": x64({ needed: ["libtwo.so", "libone.so"], runpath: "$ORIGIN" }),
    "/r/libtwo.so": x64({ needed: ["libone.so", "e"], runpath: "$ORIGIN" }),
  };
  assert.deepEqual(told(files, "e"), []);
});

test("what calls itself by the name that is needed is not looked for again", () => {
  const files = {
    ...SYSTEM,
    "/r/e": program({ needed: ["./r/libreal.so", "libname.so.1"], runpath: "$ORIGIN", rpath: "/x" }),
    "/lib/libreal.so": x64({ soname: "libname.so.1" }),
  };
  const { lacks } = ask({ ...files, "/r/e": program({ needed: ["libreal.so", "libname.so.1"] }) }, "e");
  assert.deepEqual(lacks, []);
});

test("a hostile file asks for libraries in too many places: it is told so, and the looks are bounded", () => {
  const needed = Array.from({ length: 900 }, (_, index) => `lib${index}.so`);
  const runpath = Array.from({ length: 500 }, (_, index) => `/f${index}`).join(":");
  const { lacks, looked } = ask({ ...SYSTEM, "/r/e": program({ needed, runpath }) }, "e");
  assert.ok(looked.length < 25_000, `${looked.length} looks`);
  assert.match(lacks.at(-1)?.message ?? "", /libraries in too many places/);
  assert.equal(lacks.at(-1)?.weight, "unclear");
});

test("a chain of libraries with folders of their own is bounded too", () => {
  const folders = (level: number) => Array.from({ length: 350 }, (_, index) => `/l${level}/f${index}`).join(":");
  const chain = Object.fromEntries(
    Array.from({ length: 200 }, (_, level) => [
      `/r/lib${level}.so`,
      x64({ needed: [`lib${level + 1}.so`], rpath: `$ORIGIN:${folders(level)}` }),
    ]),
  );
  const { looked } = ask({ ...SYSTEM, ...chain, "/r/e": program({ needed: ["lib0.so"], rpath: "$ORIGIN" }) }, "e");
  assert.ok(looked.length > 15_000 && looked.length < 25_000, `${looked.length} looks`);
});

test("names out of a file never reach a message raw", () => {
  const files = { ...SYSTEM, "/r/e": program({ needed: ["lib\u001b[31m\nx"] }) };
  const [message = ""] = told(files, "e");
  assert.equal(message, 'likely host: e needs the library "lib\\u{1b}[31m\\u{a}x", which is not on this host');
});

test("headers that cannot be read are unclear, and never a reason to refuse", () => {
  const whole = program({ needed: ["libc.so.6"] });
  const files = { ...SYSTEM, "/r/e": whole.subarray(0, whole.length - 40) };
  const [lack] = ask(files, "e").lacks;
  assert.equal(lack?.weight, "unclear");
  assert.match(lack?.message ?? "", /^e .*: what it needs cannot be told$/);
});
