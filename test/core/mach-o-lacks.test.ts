import assert from "node:assert/strict";
import { test } from "node:test";
import { readProgram } from "../../src/core/program/read-program.ts";
import { sourceOf } from "../support/byte-source.ts";
import { buildFat, buildMachO, MAC_ARM64, MAC_X64, type MachOOptions } from "../support/mach-o-builder.ts";
import { type Files, told } from "./support/files.ts";

const MAC = { systemVersion: [13, 6, 1], x86Level: undefined, systemFolders: [] };
const on = (platform: string) => (files: Files, path: string) => told(files, path, MAC, platform);
const onX64 = on("darwin-x64");
const onArm64 = on("darwin-arm64");

const EVERYTHING: MachOOptions = {
  needed: ["/usr/lib/libSystem.B.dylib", "@rpath/libown.dylib"],
  weak: ["/nowhere/libmaybe.dylib"],
  rpath: ["@loader_path/../lib"],
  least: [11, 2, 3],
};

for (const order of ["little", "big"] as const) {
  test(`Mach-O, ${order} end first: machine, least system, libraries and where they are`, () => {
    assert.deepEqual(readProgram(sourceOf(buildMachO({ ...EVERYTHING, order }))), {
      kind: "mach-o",
      slices: [
        {
          machine: "x64",
          system: "macOS",
          leastSystem: [11, 2, 3],
          needed: EVERYTHING.needed,
          rpath: EVERYTHING.rpath,
        },
      ],
    });
  });
}

test("a fat file is the slice for this machine; on arm64 another may need Rosetta", () => {
  const fat = buildFat([buildMachO({ machine: MAC_X64 }), buildMachO({ machine: MAC_ARM64, least: [11, 0, 0] })]);
  assert.deepEqual([onX64({ "/r/e": fat }, "e"), onArm64({ "/r/e": fat }, "e")], [[], []]);
  const x64 = { "/r/e": buildMachO({ machine: MAC_X64 }) };
  assert.deepEqual(onArm64(x64, "e"), [
    "likely host: e is built for the architecture x64, this host is arm64 and needs Rosetta for it",
  ]);
  const arm64 = { "/r/e": buildMachO({ machine: MAC_ARM64 }) };
  assert.deepEqual(onX64(arm64, "e"), ["certain release: e is built for the architecture arm64, this host is x64"]);
});

test("an older macOS, by the newer command and by the older", () => {
  for (const old of [false, true]) {
    const files = { "/r/e": buildMachO({ least: [14, 0, 0], old }) };
    assert.deepEqual(onX64(files, "e"), ["likely host: e needs macOS 14.0.0, this host runs 13.6.1"]);
  }
  assert.deepEqual(onX64({ "/r/e": buildMachO({ least: [13, 6, 1] }) }, "e"), []);
  assert.deepEqual(onX64({ "/r/e": buildMachO({ system: 2 }) }, "e"), ["certain release: e is built for iOS"]);
});

test("libraries of the release are followed; the system's own are no files", () => {
  const files = {
    "/r/bin/e": buildMachO(EVERYTHING),
    "/r/lib/libown.dylib": buildMachO({ needed: ["@rpath/libmore.dylib", "@executable_path/libside.dylib"] }),
    "/r/bin/libside.dylib": buildMachO({ needed: ["/opt/libgone.dylib", "/r/lib/libown.dylib"] }),
  };
  assert.deepEqual(onX64(files, "bin/e"), [
    "likely host: lib/libown.dylib needs the library @rpath/libmore.dylib, which is not on this host",
    "likely host: bin/libside.dylib needs the library /opt/libgone.dylib, which is not on this host",
  ]);
});

test("what cannot be read is unclear", () => {
  const whole = buildMachO(EVERYTHING);
  assert.match(onX64({ "/r/e": whole.subarray(0, 60) }, "e")[0] ?? "", /^unclear release: e /);
  const fat = buildFat([buildMachO()]);
  fat.writeUInt32BE(33, 4);
  assert.match(onX64({ "/r/e": fat }, "e")[0] ?? "", /^unclear release: e has slices for 33 machines/);
  whole.writeUInt32LE(0, 36);
  assert.match(onX64({ "/r/e": whole }, "e")[0] ?? "", /^unclear release: e has a load command without a size/);
});
