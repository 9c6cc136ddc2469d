import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setImmediate, setTimeout } from "node:timers/promises";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import { nodeHashing } from "../../src/adapters/node-hashing.ts";
import { isEngineryError } from "../../src/core/errors.ts";

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

test("a list that is larger than a thread's memory is hashed all the same", { timeout: 60_000 }, async () => {
  const [[sound, hash] = ["", ""]] = expected;
  using hasher = nodeHashing(2).start({ ...MANY, beside: false });
  const longName = "x".repeat(200);
  for (let number = 0; number < 200_000; number += 1) hasher?.add(`/none/${longName}/${number}`, 1);
  hasher?.add(sound, sizeOf(sound));
  assert.deepEqual([...((await hasher?.finish()) ?? [])], [[sound, hash]]);
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

test("small files are made, written and read back by the thread, with exactly their mode", async () => {
  const place = mkdtempSync(join(folder, "made-"));
  const made = new Map<string, string>();
  using hasher = nodeHashing(2).start({ ...MANY, beside: true });
  for (const [number, size] of [
    0,
    1,
    4096,
    262_144,
    ...Array.from({ length: 300 }, (_, index) => index * 11),
  ].entries()) {
    const content = Buffer.alloc(size, `made ${number} `);
    const path = join(place, `m${number}`);
    let placed = hasher?.place(path, number % 2 === 0 ? 0o444 : 0o555, size);
    while (placed === undefined) {
      await setImmediate();
      placed = hasher?.place(path, number % 2 === 0 ? 0o444 : 0o555, size);
    }
    placed.content.set(content);
    placed.write();
    made.set(path, nodeDigester.sha256(content));
  }
  assert.deepEqual(new Map([...((await hasher?.finish()) ?? [])].sort()), new Map([...made].sort()));
  for (const [path, sha256] of made) assert.equal(nodeDigester.sha256(readFileSync(path)), sha256);
  if (process.platform !== "win32") {
    assert.equal(statSync(join(place, "m0")).mode & 0o7777, 0o444);
    assert.equal(statSync(join(place, "m1")).mode & 0o7777, 0o555);
  }
});

test("where there is no room the asker is told so, and what was placed before comes all the same", async () => {
  const place = mkdtempSync(join(folder, "room-"));
  using hasher = nodeHashing(2).start({ ...MANY, beside: true });
  assert.equal(hasher?.place(join(place, "large"), 0o444, 10_000_000), undefined);
  let count = 0;
  // nothing is taken back before this thread rests
  for (; count < 1000; count++) {
    const placed = hasher?.place(join(place, `r${count}`), 0o444, 100_000);
    if (placed === undefined) break;
    placed.content.fill(count % 251);
    placed.write();
  }
  assert.ok(count > 10 && count < 100, `${count}`);
  assert.equal((await hasher?.finish())?.size, count);
  for (let number = 0; number < count; number++)
    assert.ok(readFileSync(join(place, `r${number}`)).equals(Buffer.alloc(100_000, number % 251)));
});

test("what is asked for and not written is not made", async () => {
  const place = mkdtempSync(join(folder, "asked-"));
  using hasher = nodeHashing(2).start({ ...MANY, beside: true });
  hasher?.place(join(place, "given-up"), 0o444, 5)?.content.fill(1);
  const placed = hasher?.place(join(place, "made"), 0o444, 3);
  placed?.content.fill(2);
  placed?.write();
  assert.deepEqual([...((await hasher?.finish()) ?? new Map()).keys()], [join(place, "made")]);
  assert.deepEqual(readdirSync(place), ["made"]);
});

test("a file that is there already is not written over, and no folder is made: whoever asked is told", async () => {
  const there = join(mkdtempSync(join(folder, "there-")), "file");
  writeFileSync(there, "mine");
  for (const [path, code] of [
    [there, "tree-mismatch"],
    [join(folder, "no-folder", "file"), "missing"],
  ] as const) {
    using hasher = nodeHashing(2).start({ ...MANY, beside: true });
    const placed = hasher?.place(path, 0o444, 4);
    placed?.content.fill(65);
    placed?.write();
    await assert.rejects(hasher?.finish() ?? Promise.resolve(), (error) => isEngineryError(error, code));
    assert.throws(
      () => hasher?.place(`${path}2`, 0o444, 4),
      (error) => isEngineryError(error, code),
    );
  }
  assert.equal(readFileSync(there, "utf8"), "mine");
});

test("once it is given up no file is made any more", async () => {
  let cutShort = 0;
  for (let round = 0; round < 20; round++) {
    const place = mkdtempSync(join(folder, "given-up-"));
    const hasher = nodeHashing(2).start({ ...MANY, beside: true });
    for (let number = 0; number < 380; number++) {
      const placed = hasher?.place(join(place, `g${number}`), 0o444, 1000);
      placed?.content.fill(1);
      placed?.write();
    }
    await setTimeout(round);
    while (readdirSync(place).length === 0) await setTimeout(1);
    hasher?.[Symbol.dispose]();
    const made = readdirSync(place).length;
    await setTimeout(20);
    assert.equal(readdirSync(place).length, made);
    if (made < 350) cutShort += 1;
  }
  assert.ok(cutShort > 0, "every round was over before it was given up");
});
