import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { FileSystem } from "../../src/ports/file-system.ts";
import { failingFileSystem, forEveryKillPoint, KilledError } from "../sim/killing-file-system.ts";
import { disk, generation, newHome, OPERATION, reopen, scratch } from "./support/scratch.ts";

const withoutLinks: FileSystem = { ...disk, link: () => undefined };
const file = (home: string, number: number) => `${home}/generations/${String(number).padStart(8, "0")}.json`;

test("a new home has no generation; the newest is the highest number", () => {
  using place = scratch();
  const home = newHome(place.home);
  assert.equal(home.generations.newest(), undefined);
  assert.equal(home.generations.nextNumber(), 1);
  const second = generation(2, { selections: { xsnap: "1.0.0" } });
  assert.equal(home.generations.commit(generation(1)), "committed");
  assert.equal(home.generations.commit(second), "committed");
  assert.deepEqual(JSON.parse(JSON.stringify(reopen(place.home).generations.newest())), second);
  assert.deepEqual(home.generations.numbers(), [1, 2]);
  assert.equal(home.generations.read(3), undefined);
  assert.deepEqual(readdirSync(`${place.home}/staging`), []);
});

for (const [name, fileSystem] of Object.entries({ "hard links": disk, "no hard links": withoutLinks })) {
  test(`of two writers of one number one wins, and what it wrote stays (${name})`, () => {
    using place = scratch();
    const home = newHome(place.home, { fileSystem });
    const winner = generation(1);
    assert.equal(home.generations.commit(winner), "committed");
    assert.equal(home.generations.commit(generation(1)), "lost");
    assert.equal(home.generations.newest()?.operation, winner.operation);
    assert.equal(home.generations.commit(winner), "committed", "an answer that got lost");
  });

  test(`killed at every point of a commit: the old generation or the new one (${name})`, async () => {
    using place = scratch();
    let number = 0;
    const points = await forEveryKillPoint({
      real: fileSystem,
      torn: true,
      arrange: () => {
        const path = `${place.path}/${++number}`;
        newHome(path, { fileSystem }).generations.commit(generation(1));
        return path;
      },
      act: (killing, path) => {
        assert.equal(
          reopen(path, { fileSystem: killing }).generations.commit(generation(2, { operation: OPERATION })),
          "committed",
        );
      },
      check: (path, killedAt) => {
        const { generations } = reopen(path, { fileSystem });
        const newest = generations.newest();
        assert.ok(newest?.number === 1 || newest?.operation === OPERATION, "old or new");
        if (killedAt === undefined) assert.equal(newest.number, 2);
        // The next command works, whatever was left behind.
        const next = generation(generations.nextNumber());
        assert.equal(generations.commit(next), "committed");
        assert.equal(generations.newest()?.operation, next.operation);
      },
    });
    assert.ok(points >= 6, `${points} points`);
  });
}

test("writers that race at any of their calls: exactly one wins", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.boolean(), (pauseAt, links) => {
      using place = scratch();
      const base = links ? disk : withoutLinks;
      newHome(place.home);
      const rival = generation(1);
      let outcome: string | undefined;
      // The rival commits whole between two calls of ours.
      let calls = 0;
      const watching: FileSystem = new Proxy(base, {
        get: (of, name) => {
          const call = Reflect.get(of, name);
          return (...args: unknown[]) => {
            calls += 1;
            if (calls === pauseAt + 6) outcome = reopen(place.home, { fileSystem: base }).generations.commit(rival);
            return Reflect.apply(call, of, args);
          };
        },
      });
      const ours = generation(1);
      const answer = reopen(place.home, { fileSystem: watching }).generations.commit(ours);
      outcome ??= reopen(place.home, { fileSystem: base }).generations.commit(rival);
      const { generations } = reopen(place.home, { fileSystem: base });
      assert.deepEqual([answer, outcome].sort(), ["committed", "lost"]);
      assert.equal(generations.newest()?.operation, answer === "committed" ? ours.operation : rival.operation);
    }),
    { numRuns: 40 },
  );
});

test("a writer that slept through commits and a prune does not bring its number back", () => {
  using place = scratch();
  const { generations } = newHome(place.home);
  for (const number of [1, 2, 3]) generations.commit(generation(number));
  generations.retire([1, 2]);
  assert.equal(generations.commit(generation(2)), "lost");
  assert.deepEqual(generations.numbers(), [3]);
  assert.throws(() => generations.retire([3]), { code: "internal" });
});

for (const [name, damage] of Object.entries({
  empty: (path: string) => truncateSync(path, 0),
  "cut short": (path: string) => truncateSync(path, readFileSync(path).length - 2),
  altered: (path: string) => writeFileSync(path, readFileSync(path, "utf8").replace('"demo"', '"dem0"')),
  "another one's": (path: string) => writeFileSync(path, readFileSync(path.replace("0002", "0001"))),
})) {
  test(`a newest generation that is ${name} is an error and never a step back`, () => {
    using place = scratch();
    const home = newHome(place.home);
    home.generations.commit(generation(1));
    home.generations.commit(generation(2));
    damage(file(place.home, 2));
    assert.throws(() => home.generations.newest(), { code: "generation-unreadable", message: /00000002/ });
    assert.equal(home.generations.read(1)?.number, 1);
    const aside = home.generations.setAside(2);
    assert.ok(existsSync(aside));
    assert.equal(home.generations.newest()?.number, 1);
    assert.equal(home.generations.nextNumber(), 3, "its number is not used again");
    assert.equal(home.generations.commit(generation(2)), "lost");
    assert.equal(home.generations.commit(generation(3)), "committed");
  });
}

test("without hard links a writer that died after its claim burns the number", () => {
  using place = scratch();
  newHome(place.home, { fileSystem: withoutLinks }).generations.commit(generation(1));
  const claims: FileSystem = {
    ...withoutLinks,
    makeDirectory: (path, mode) => {
      const made = disk.makeDirectory(path, mode);
      if (path.endsWith(".claim")) throw new KilledError({ name: "makeDirectory", path, mutates: true });
      return made;
    },
  };
  assert.throws(() => reopen(place.home, { fileSystem: claims }).generations.commit(generation(2)), KilledError);
  const { generations } = reopen(place.home, { fileSystem: withoutLinks });
  assert.equal(generations.newest()?.number, 1);
  assert.equal(generations.commit(generation(2)), "lost");
  assert.equal(generations.nextNumber(), 3);
  assert.equal(generations.commit(generation(3)), "committed");
  assert.deepEqual(generations.numbers(), [1, 3]);
});

test("a full disk at any change of a commit leaves the newest generation as it was, or commits", () => {
  using place = scratch();
  newHome(place.home).generations.commit(generation(1));
  for (let point = 1; ; point++) {
    const failing = failingFileSystem(disk, point, "ENOSPC", { lasting: true });
    const number = reopen(place.home).generations.nextNumber();
    const next = generation(number);
    try {
      reopen(place.home, { fileSystem: failing.fileSystem }).generations.commit(next);
    } catch (error) {
      assert.equal((error as { code?: string }).code, "disk-full");
    }
    assert.ok([number - 1, number].includes(reopen(place.home).generations.newest()?.number ?? 0));
    if (failing.killedAt === undefined) break;
  }
});
