import assert from "node:assert/strict";
import { test } from "node:test";
import { buildElf, type ElfOptions } from "../support/elf-builder.ts";
import { ask, type Files, told } from "./support/files.ts";

const LOADER = "/lib64/ld-linux-x86-64.so.2";
const MUSL = "/lib/ld-musl-x86_64.so.1";
const x64 = (options: ElfOptions = {}) => buildElf({ machine: 62, ...options });
const LIBRARY = x64();
/** Where it was looked for `name`, in order. */
function looks(
  engine: ElfOptions,
  name: string,
  more: Files = {},
  host = {},
  platform = "linux-x64",
): readonly string[] {
  const loader = engine.interpreter ?? LOADER;
  const files = { [loader]: x64(), "/r/bin/e": x64({ interpreter: loader, ...engine }), ...more };
  return ask(files, "bin/e", { systemFolders: ["/lib"], ...host }, platform).looked.filter((path) =>
    path.endsWith(name),
  );
}

test("RPATH, the environment, the cache, beside the loader, the system's folders: in that order", () => {
  const host = { namedFolders: ["/env"], cachedLibraries: new Map([["x.so", ["/cached/x.so"]]]) };
  assert.deepEqual(looks({ needed: ["x.so"], rpath: "/rpath:$ORIGIN/../lib" }, "x.so", {}, host), [
    "/rpath/x.so",
    "/r/lib/x.so",
    "/env/x.so",
    "/cached/x.so",
    "/lib64/x.so",
    "/lib/x.so",
  ]);
});

test("RUNPATH comes after the environment, and takes the place of RPATH", () => {
  const host = { namedFolders: ["/env"] };
  const paths = looks({ needed: ["x.so"], rpath: "/rpath", runpath: "/run" }, "x.so", {}, host);
  assert.deepEqual(paths.slice(0, 2), ["/env/x.so", "/run/x.so"]);
});

test("RPATH holds for the libraries that are loaded, RUNPATH for those of its own file alone", () => {
  const more = { "/r/lib/libone.so": x64({ needed: ["x.so"] }) };
  const withRpath = looks({ needed: ["libone.so"], rpath: "$ORIGIN/../lib" }, "x.so", more);
  assert.equal(withRpath[0], "/r/lib/x.so");
  const withRunpath = looks({ needed: ["libone.so"], runpath: "$ORIGIN/../lib" }, "x.so", more);
  assert.equal(withRunpath[0], "/lib64/x.so");
});

test("RPATH of those above holds for no file that has a RUNPATH, and not where they have one themselves", () => {
  const library = (runpath?: string) => ({
    "/r/lib/libone.so": x64({ needed: ["x.so"], ...(runpath && { runpath }) }),
  });
  const own = looks({ needed: ["libone.so"], rpath: "$ORIGIN/../lib:/above" }, "x.so", library("/own"));
  assert.deepEqual(own.slice(0, 2), ["/own/x.so", "/lib64/x.so"]);
  const above = { needed: ["libone.so"], rpath: "/above", runpath: "$ORIGIN/../lib" };
  assert.equal(looks(above, "x.so", library())[0], "/lib64/x.so");
});

test("a machine with the same number in 32 and in 64 bits is told apart", () => {
  const riscv = (bits: 32 | 64, options: ElfOptions = {}) => buildElf({ machine: 243, bits, ...options });
  const files = { "/r/e": riscv(64, { needed: ["x.so"], runpath: "/one" }), "/one/x.so": riscv(32) };
  assert.equal(told(files, "e", {}, "linux-riscv64").length, 1);
});

test("a name with a slash is a path; one from the working folder is promised by nobody", () => {
  assert.deepEqual(looks({ needed: ["/opt/x.so"] }, "x.so"), ["/opt/x.so"]);
  assert.deepEqual(looks({ needed: ["$ORIGIN/x.so"] }, "x.so"), ["/r/bin/x.so"]);
  assert.deepEqual(looks({ needed: ["./x.so"] }, "x.so"), []);
});

test("$LIB stands for the folders that systems use, $ORIGIN in braces for the file's own, and others for themselves", () => {
  const paths = looks({ needed: ["x.so"], runpath: `/a/$LIB:$${"{ORIGIN}"}/b:$ORIGINAL:/c/$PLATFORM` }, "x.so");
  assert.deepEqual(paths.slice(0, 4), ["/a/lib/x.so", "/a/lib64/x.so", "/r/bin/b/x.so", "/c/$PLATFORM/x.so"]);
});

test("a file that wants its own folders only does not look into the system's", () => {
  const host = { cachedLibraries: new Map([["x.so", ["/cached/x.so"]]]) };
  assert.deepEqual(looks({ needed: ["x.so"], flags1: 0x800 }, "x.so", {}, host), []);
});

test("what is for another machine, or no program at all, is passed over", () => {
  const more = {
    "/one/x.so": buildElf({ machine: 183 }),
    "/two/x.so": "text",
    "/three/x.so": x64({ bits: 32 }),
    "/four/x.so": LIBRARY,
  };
  const paths = looks({ needed: ["x.so"], runpath: "/one:/two:/three:/four" }, "x.so", more);
  assert.deepEqual(paths, ["/one/x.so", "/two/x.so", "/three/x.so", "/four/x.so"]);
});

test("musl: the environment, then RPATH and RUNPATH up the chain; what it has within itself is there", () => {
  const more = { "/r/lib/libone.so": x64({ needed: ["x.so"], rpath: "/own" }) };
  const engine = {
    interpreter: MUSL,
    needed: ["libone.so", "libc.musl-x86_64.so.1", "libpthread.so.0"],
    runpath: "$ORIGIN/../lib",
  };
  const paths = looks(engine, "x.so", more, { namedFolders: ["/env"] }, "linux-x64-musl");
  assert.deepEqual(paths, ["/env/x.so", "/own/x.so", "/r/lib/x.so", "/lib/x.so"]);
  const files = { [MUSL]: x64(), "/r/e": x64({ interpreter: MUSL, needed: ["libc.so", "libm.so.6"] }) };
  assert.deepEqual(told(files, "e", {}, "linux-x64-musl"), []);
});

test("a library that is loaded by others follows the libc of this host", () => {
  const library = x64({ needed: ["libc.so"], requires: { "libc.so.6": ["GLIBC_2.99"] } });
  assert.deepEqual(told({ "/r/l.so": library }, "l.so", {}, "linux-x64-musl"), []);
  assert.equal(told({ "/r/l.so": library }, "l.so", {}, "linux-x64").length, 1);
});
