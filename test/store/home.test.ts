import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { forEveryKillPoint } from "../sim/killing-file-system.ts";
import { CONFIG, disk, newHome, ports, reopen, scratch } from "./support/scratch.ts";
import { snapshotOf } from "./support/snapshot.ts";

test("a home that was made opens, and keeps its config when it is made again", () => {
  using place = scratch();
  newHome(place.home);
  const again = reopen(place.home);
  assert.deepEqual(again.config.read(), CONFIG);
  again.config.write({ ...CONFIG, keepGenerations: 3 });
  assert.equal(newHome(place.home).config.read().keepGenerations, 3);
  assert.equal(again.path, place.home);
});

test("openHome makes nothing, whatever it finds", () => {
  using place = scratch();
  assert.throws(() => reopen(place.home), { code: "no-home" });
  mkdirSync(place.home);
  assert.throws(() => reopen(place.home), { code: "no-home" });
  assert.deepEqual(readdirSync(place.home), []);
  writeFileSync(`${place.home}/letter.txt`, "mine");
  assert.throws(() => reopen(place.home), { code: "not-a-home" });
  assert.deepEqual(readdirSync(place.home), ["letter.txt"]);
});

test("createHome leaves a foreign folder as it is", () => {
  using place = scratch();
  mkdirSync(`${place.home}/bin`, { recursive: true });
  const before = snapshotOf(place.path);
  assert.throws(() => newHome(place.home), { code: "not-a-home" });
  assert.deepEqual(snapshotOf(place.path), before);
  rmSync(place.home, { recursive: true });
  writeFileSync(place.home, "a file");
  assert.throws(() => newHome(place.home), { code: "not-a-home" });
  assert.throws(() => newHome(`${place.home}/below`), { code: "not-a-home" });
});

test("a home of a newer layout is left alone", () => {
  using place = scratch();
  newHome(place.home);
  writeFileSync(`${place.home}/VERSION`, "3\n");
  const before = snapshotOf(place.path);
  assert.throws(() => reopen(place.home), { code: "home-newer" });
  assert.throws(() => newHome(place.home), { code: "home-newer" });
  assert.deepEqual(snapshotOf(place.path), before);
  writeFileSync(`${place.home}/VERSION`, "one");
  assert.throws(() => reopen(place.home), { code: "home-damaged" });
});

test("a home is made below folders that are not there, and behind a link to its folder", () => {
  using place = scratch();
  newHome(`${place.path}/a/b/home`);
  symlinkSync(`${place.path}/a/b/home`, place.home);
  assert.deepEqual(reopen(place.home).config.read(), CONFIG);
  mkdirSync(`${place.path}/empty`);
  symlinkSync(`${place.path}/empty`, `${place.path}/link`);
  newHome(`${place.path}/link`);
  assert.deepEqual(reopen(`${place.path}/empty`).config.read(), CONFIG);
});

for (const mask of [0o000, 0o077, 0o777]) {
  test(`modes are the same under umask ${mask.toString(8)}`, () => {
    using place = scratch();
    mkdirSync(place.home);
    chmodSync(place.home, 0o755);
    const before = process.umask(mask);
    try {
      newHome(place.home);
    } finally {
      process.umask(before);
    }
    const modeOf = (name: string) => statSync(`${place.home}/${name}`).mode & 0o7777;
    assert.equal(modeOf("VERSION"), 0o644);
    assert.equal(modeOf("config.json"), 0o644);
    for (const folder of ["generations", "pins", "staging", "cache/partial"]) assert.equal(modeOf(folder), 0o755);
  });
}

test("of two that make a home at once the second leaves the first one's config", () => {
  using place = scratch();
  let made = false;
  const fileSystem = {
    ...disk,
    makeDirectory: (path: string, mode: number) => {
      if (path.endsWith("/pins") && !made) {
        made = true;
        newHome(place.home).config.write({ ...CONFIG, keepGenerations: 9 });
      }
      return disk.makeDirectory(path, mode);
    },
  };
  assert.equal(newHome(place.home, { fileSystem }).config.read().keepGenerations, 9);
  assert.equal(disk.status(`${place.home}/CREATING`), undefined);
});

test("a home's path may end in slashes, and be one of Windows", () => {
  using place = scratch();
  newHome(`${place.home}//`);
  assert.equal(reopen(`${place.home}/`).path, place.home);
  assert.throws(() => reopen("C:\\no\\home"), { code: "no-home", message: /C:\/no\/home/ });
});

test("a link planted for a record or for its folder is refused", () => {
  using place = scratch();
  const home = newHome(place.home);
  const elsewhere = `${place.path}/elsewhere`;
  mkdirSync(elsewhere);
  writeFileSync(`${elsewhere}/config.json`, readFileSync(`${place.home}/config.json`));
  rmSync(`${place.home}/config.json`);
  symlinkSync(`${elsewhere}/config.json`, `${place.home}/config.json`);
  assert.throws(() => home.config.read(), { code: "home-damaged" });
  rmSync(`${place.home}/generations`, { recursive: true });
  symlinkSync(elsewhere, `${place.home}/generations`);
  assert.throws(() => home.generations.newest(), { code: "home-damaged" });
});

test("a fifo in the place of a record is refused and not waited for", () => {
  using place = scratch();
  const home = newHome(place.home);
  rmSync(`${place.home}/config.json`);
  mkdirSync(`${place.home}/config.json`);
  assert.throws(() => home.config.read(), { code: "home-damaged" });
});

test("an unknown key of the config is named", () => {
  using place = scratch();
  const home = newHome(place.home);
  writeFileSync(`${place.home}/config.json`, '{"format":1,"repository":"/r","channel":"demo","keepGeneration":2}');
  assert.throws(() => home.config.read(), { code: "config-invalid", message: /keepGeneration/ });
});

test("createHome killed at every point: making it again gives a whole home", async () => {
  using place = scratch();
  let number = 0;
  const points = await forEveryKillPoint({
    real: disk,
    torn: true,
    arrange: () => `${place.path}/${++number}/home`,
    act: (fileSystem, home) => newHome(home, { fileSystem }),
    check: (home) => {
      // Half made it is no home, and no foreign folder either.
      if (!disk.status(`${home}/VERSION`)) assert.throws(() => reopen(home), { code: "no-home" });
      const made = newHome(home, ports());
      assert.deepEqual(made.config.read(), CONFIG);
      assert.equal(made.generations.nextNumber(), 1);
      for (const folder of ["pins", "leases", "index", "cache/documents"]) {
        assert.equal(disk.status(`${home}/${folder}`)?.kind, "directory");
      }
    },
  });
  assert.ok(points > 30, `${points} points`);
});
