import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import { nodeHashing } from "../../src/adapters/node-hashing.ts";

/** Enough to be worth threads, whatever the bytes. */
const MANY = { files: 5000, bytes: 0 };
const SIZES = [0, 1, 511, 65_536, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 3_000_000];

let folder: string;
const expected = new Map<string, string>();

before(() => {
  folder = mkdtempSync(join(tmpdir(), "enginery-hashing-"));
  for (const [number, size] of [...SIZES, ...Array.from({ length: 200 }, (_, index) => index * 37)].entries()) {
    const content = Buffer.alloc(size, `${number} `);
    const path = join(folder, `f${number}`);
    writeFileSync(path, content);
    expected.set(path, nodeDigester.sha256(content));
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

const sizeOf = (path: string): number => {
  const number = Number(path.slice(path.lastIndexOf("f") + 1));
  return SIZES[number] ?? (number - SIZES.length) * 37;
};

for (const beside of [true, false]) {
  test(`threads hash files of every size, ${beside ? "beside the writer" : "all at once"}`, async () => {
    let told = 0;
    using hasher = nodeHashing(3).start({ ...MANY, beside, onBytes: (bytes) => (told += bytes) });
    for (const path of expected.keys()) hasher?.add(path, sizeOf(path));
    assert.deepEqual(new Map([...((await hasher?.finish()) ?? [])].sort()), new Map([...expected].sort()));
    assert.equal(
      told,
      [...expected.keys()].reduce((sum, path) => sum + sizeOf(path), 0),
    );
  });
}

test("what is not the file that was meant has no hash, and nothing waits for it", { timeout: 30_000 }, async () => {
  const [sound = ""] = expected.keys();
  mkdirSync(join(folder, "a-folder"));
  symlinkSync(sound, join(folder, "a-link"));
  writeFileSync(join(folder, "longer"), "longer");
  if (process.platform !== "win32") execFileSync("mkfifo", [join(folder, "a-pipe")]);
  using hasher = nodeHashing(2).start({ ...MANY, beside: false });
  for (const name of ["a-folder", "a-pipe", "none"]) hasher?.add(join(folder, name), 0);
  if (process.platform !== "win32") hasher?.add(join(folder, "a-link"), sizeOf(sound));
  hasher?.add(join(folder, "longer"), 5);
  hasher?.add(sound, sizeOf(sound));
  assert.deepEqual([...((await hasher?.finish()) ?? [])], [[sound, expected.get(sound)]]);
});

test("nothing that was added is nothing that was hashed, and what is given up ends", async () => {
  assert.equal(
    (
      await nodeHashing(2)
        .start({ ...MANY, beside: true })
        ?.finish()
    )?.size,
    0,
  );
  nodeHashing(2)
    .start({ ...MANY, beside: true })
    ?.[Symbol.dispose]();
});

test("a little is hashed where it is asked for, and so is all on one core", () => {
  assert.equal(nodeHashing(8).start({ files: 10, bytes: 1000, beside: false }), undefined);
  assert.equal(nodeHashing(1).start({ ...MANY, beside: false }), undefined);
});
