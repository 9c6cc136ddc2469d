import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isEngineryError } from "../../src/core/errors.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { command } from "./support/command.ts";
import { endRecord, zip } from "./support/raw-zip.ts";
import { treeOf, unpackSigned } from "./support/unpacking.ts";

// No zip is read, so that none of its tricks can be one: each is refused as what it is, under its own name and under that of a tar.
const ZIPS: readonly (readonly [title: string, bytes: Buffer])[] = [
  ["77 zip whose local and central names differ", zip([{ name: "good", centralName: "../evil" }])],
  ["78 zip with one name twice", zip([{ name: "evil" }, { name: "evil", content: "other" }])],
  ["79 zip with two ends", zip([{ name: "evil" }], { after: endRecord(0, 0, 0) })],
  ["79 zip with data after its end", zip([{ name: "evil" }], { after: zip([{ name: "other" }]) })],
  ["79 zip with data before its start", zip([{ name: "evil" }], { before: "#!/bin/sh\n" })],
  ["80 zip with a symbolic link", zip([{ name: "evil", content: "/etc/passwd", mode: 0o120777 }])],
  ["81 zip with a name that shares a prefix with its folder", zip([{ name: "../app-evil/x" }])],
];

let world: TestWorld & Disposable;
let repository: string;
before(async () => {
  world = makeTestWorld();
  repository = join(world.folder, "repository");
  const made = await command(world, [
    "repo",
    "init",
    repository,
    "--channel",
    "c",
    "--keys-dir",
    join(world.folder, "k"),
  ]);
  assert.equal(made.status, 0, made.stderr);
});
after(() => world[Symbol.dispose]());

for (const [title, bytes] of ZIPS) {
  test(`${title} is no archive of ours`, async () => {
    for (const format of ["tar.zst", "tar.gz"] as const) {
      const { error, finished, open } = await unpackSigned(bytes, treeOf({ evil: "evil" }), { format });
      assert.ok(isEngineryError(error, "archive-malformed"), String(error));
      assert.deepEqual([finished.size, open], [0, []]);
    }
    for (const [name, status, code] of [
      ["x.zip", 2, "usage"],
      ["x.orc", 2, "usage"],
      ["x.tar.gz", 5, "archive-malformed"],
      ["x.tar.zst", 5, "archive-malformed"],
    ] as const) {
      const file = join(world.folder, name);
      writeFileSync(file, bytes);
      const words = ["repo", "add", repository, "toy@1.0.0", "--platform", "any", "--archive", file, "--json"];
      const added = await command(world, words);
      assert.deepEqual([added.status, added.code], [status, code], added.stdout + added.stderr);
    }
    assert.ok(!existsSync(join(repository, "archives")) && !existsSync(join(world.folder, "evil")));
  });
}
