import assert from "node:assert/strict";
import { test } from "node:test";
import type { Home } from "../../src/store/home.ts";
import { writeKeyFiles } from "../../src/store/key-folder.ts";
import { undurable } from "../sim/durable-order.ts";
import { recordingFileSystem } from "../sim/killing-file-system.ts";
import { disk, newHome, reopen, scratch } from "./support/scratch.ts";

const BYTES = new Uint8Array([1, 2, 3]);

/** Whoever put it there may have died before the name was on the disk: who finds it flushes the folder before counting on it. */
const FOUND: readonly (readonly [folder: string, keep: (home: Home) => unknown])[] = [
  ["manifests", (home) => home.manifests.keep(BYTES)],
  ["trust", (home) => home.trust.commit(new Map([["root.json", BYTES]]))],
];

for (const [folder, keep] of FOUND) {
  test(`a name that is found in ${folder}/ is flushed before it counts`, () => {
    using place = scratch();
    keep(newHome(place.home));
    const { fileSystem, trace } = recordingFileSystem(disk);
    keep(reopen(place.home, { fileSystem }));
    const flushed = trace.filter(({ name }) => name === "syncDirectory").map(({ path }) => path);
    assert.deepEqual(flushed, [`${place.home}/${folder}`]);
  });
}

test("a new key is on the disk, both halves, when its making returns", () => {
  using place = scratch();
  const { fileSystem, trace } = recordingFileSystem(disk);
  writeKeyFiles(fileSystem, `${place.path}/root-1.pem`, BYTES, BYTES);
  assert.deepEqual(undurable(trace, []), []);
});
