import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import type { LedgerMemory } from "../../src/core/examine-ledger.ts";
import type { Home } from "../../src/store/home.ts";
import { linesFromEnd, wholeLines } from "../../src/store/ledger-lines.ts";
import { interposed } from "../sim/interposed-file-system.ts";
import { forEveryKillPoint, recordingFileSystem } from "../sim/killing-file-system.ts";
import { AT, bytesOf, disk, newHome, reopen, scratch } from "./support/scratch.ts";

const add = (home: Home, operation: string, detail: Readonly<Record<string, unknown>> = {}): void =>
  home.ledger.append({ at: AT, operation, verb: "exec", detail });
const pathOf = (home: Home): string => `${home.path}/ledger.jsonl`;
const linesOf = (home: Home): string[] => readFileSync(pathOf(home), "utf8").split("\n").slice(0, -1);
const remembered = (home: Home): LedgerMemory[] => [{ of: "generation 1", open: home.ledger.open() }];
const breaksOf = (home: Home, memories: readonly LedgerMemory[] = []) => home.ledger.examine(memories).breaks;

test("each line names the sha256 of the bytes of the line before, without its end; the first names null", () => {
  using place = scratch();
  const home = newHome(place.home);
  for (const name of ["one", "two", "three"]) add(home, name, { "line\nbreak": ["é"] });
  const lines = linesOf(home);
  const before = [null, ...lines.map((line) => nodeDigester.sha256(bytesOf(line)))];
  for (const [at, line] of lines.entries()) {
    assert.equal(JSON.parse(line).previous, before[at]);
    assert.equal("also" in JSON.parse(line), false);
  }
  assert.deepEqual(home.ledger.open(), [before[3]]);
  assert.deepEqual(home.ledger.last()?.operation, "three");
  assert.deepEqual(breaksOf(home), []);
});

test("what a line names is flushed before the line is written", () => {
  using place = scratch();
  add(newHome(place.home), "one");
  const { fileSystem, trace } = recordingFileSystem(disk);
  add(reopen(place.home, { fileSystem }), "two");
  const calls = trace.filter(({ path }) => path.endsWith("ledger.jsonl")).map(({ name }) => name);
  assert.deepEqual(
    calls.filter((name) => name !== "openAppend"),
    ["sync", "write", "sync"],
  );
});

test("a line after a commit flushes no second time what the commit flushed, and all the same what came since", () => {
  for (const others of [false, true]) {
    using place = scratch();
    add(newHome(place.home), "one");
    const { fileSystem, trace } = recordingFileSystem(disk);
    const home = reopen(place.home, { fileSystem });
    home.ledger.open();
    if (others) add(reopen(place.home), "two");
    add(home, "three");
    const calls = trace.filter(({ path }) => path.endsWith("ledger.jsonl")).map(({ name }) => name);
    const before = others ? ["syncFile", "sync"] : ["syncFile"];
    assert.deepEqual(
      calls.filter((name) => name !== "openAppend"),
      [...before, "write", "sync"],
    );
  }
});

test("a byte that is changed anywhere is told", () => {
  using place = scratch();
  const home = newHome(place.home);
  for (const name of ["one", "two", "three", "four"]) add(home, name, { epoch: 7 });
  const memories = remembered(home);
  const sound = readFileSync(pathOf(home));
  assert.deepEqual(breaksOf(home, memories), []);
  for (let at = 0; at < sound.length; at += 1) {
    const changed = Uint8Array.from(sound);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 7));
    writeFileSync(pathOf(home), changed);
    assert.notDeepEqual(breaksOf(home, memories), [], `byte ${at}`);
  }
});

test("cut anywhere: no alarm but by what remembers the end, and the next line is sound", () => {
  using place = scratch();
  const home = newHome(place.home);
  for (const name of ["one", "two", "three"]) add(home, name);
  const memories = remembered(home);
  const sound = readFileSync(pathOf(home));
  for (let size = 0; size < sound.length; size += 1) {
    const tail = "\0".repeat([0, 100, 5000][size % 3] ?? 0);
    writeFileSync(pathOf(home), sound.subarray(0, size));
    appendFileSync(pathOf(home), tail);
    assert.deepEqual(breaksOf(home), [], `after ${size} bytes`);
    assert.equal(breaksOf(home, memories).length, 1);
    add(home, "next");
    assert.deepEqual(breaksOf(home), [], `after ${size} bytes and a line`);
    assert.equal(home.ledger.last()?.operation, "next");
  }
});

test("a loss is not forgotten because an observation or a generation is written after it, until a line puts it on record", () => {
  using place = scratch();
  const home = newHome(place.home);
  const observe = (epoch: number) => home.clock.write({ format: 1, epoch, at: AT, from: "observe" });
  const told = (): LedgerMemory[] => [{ of: "observation", open: home.clock.read()?.ledger ?? [] }];
  for (const name of ["one", "two", "three"]) add(home, name);
  observe(7);
  const known = home.ledger.open();
  truncateSync(pathOf(home), (linesOf(home)[0] ?? "").length + 1);
  add(home, "after");
  observe(8);
  assert.deepEqual(told()[0]?.open, known);
  assert.deepEqual(home.ledger.open(known), known, "so a commit remembers what the generation before it did");
  const [lost] = breaksOf(home, told());
  assert.deepEqual([lost?.of, lost?.missing], ["observation", known]);
  const { of, missing, foreign } = lost ?? {};
  home.ledger.append({
    at: AT,
    operation: "seal",
    verb: "ledger-seal",
    detail: { breaks: [{ of, missing, foreign }] },
  });
  assert.deepEqual(breaksOf(home, told()), []);
  observe(9);
  assert.deepEqual(told()[0]?.open, home.ledger.open());
  rmSync(pathOf(home));
  observe(10);
  assert.equal(breaksOf(home, told()).length, 1);
});

test("writers that race between the look and the write: both lines stay, and the next one names both", () => {
  using place = scratch();
  add(newHome(place.home), "first");
  let depth = 0;
  /** Before each of its writes another one comes through, up to four deep. */
  const racer = (): Home => {
    const fileSystem = interposed(disk, {
      before: ({ name, path }) => {
        if (name !== "write" || !path.endsWith("ledger.jsonl") || depth === 4) return;
        depth += 1;
        add(racer(), `racer-${depth}`, { long: "x".repeat(depth * 3000) });
      },
    });
    return reopen(place.home, { fileSystem });
  };
  add(racer(), "slowest");
  const home = reopen(place.home);
  assert.deepEqual(
    home.ledger.read().map(({ operation }) => operation),
    ["first", "racer-4", "racer-3", "racer-2", "racer-1", "slowest"],
  );
  assert.equal(
    new Set(
      home.ledger
        .read()
        .slice(1)
        .map(({ previous }) => previous),
    ).size,
    1,
  );
  add(home, "next");
  const { previous, also } = home.ledger.last() ?? {};
  const hashes = linesOf(home).map((line) => nodeDigester.sha256(bytesOf(line)));
  assert.deepEqual([previous, also], [hashes[5], hashes.slice(1, 5)], "also of what lies more than 4 KiB back");
  assert.deepEqual(breaksOf(home, remembered(home)), []);
  const lines = linesOf(home);
  for (const at of [0, 1, 3, 5]) {
    writeFileSync(pathOf(home), `${lines.toSpliced(at, 1).join("\n")}\n`);
    assert.ok(breaksOf(home).length > 0, `without line ${at + 1}`);
  }
  for (const at of [1, 2, 3, 4]) {
    const [one = "", other = ""] = lines.slice(at, at + 2);
    writeFileSync(pathOf(home), `${lines.toSpliced(at, 2, other, one).join("\n")}\n`);
    assert.ok(breaksOf(home).length > 0, `lines ${at + 1} and ${at + 2} swapped`);
  }
});

test("processes that append at the same moment keep the chain whole", { timeout: 120_000 }, async () => {
  using place = scratch();
  const home = newHome(place.home);
  const script = fileURLToPath(new URL("support/append-lines.ts", import.meta.url));
  const [writers, each] = [6, 25];
  const done = Array.from({ length: writers }, async (_, number) => {
    const child = spawn(process.execPath, [script, place.home, `w${number}`, String(each)], { stdio: "inherit" });
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });
  await Promise.all(done);
  const { lines, breaks } = home.ledger.examine(remembered(home));
  assert.deepEqual([lines, breaks], [writers * each, []]);
  assert.equal(home.ledger.damagedLines(), 0);
});

test("killed at every point of a line: the chain is whole, before and after the next line", async () => {
  using place = scratch();
  let number = 0;
  await forEveryKillPoint({
    real: disk,
    torn: true,
    arrange: () => {
      const path = `${place.path}/${++number}`;
      add(newHome(path), "one");
      return path;
    },
    act: (fileSystem, path) => add(reopen(path, { fileSystem }), "two"),
    check: (path) => {
      const home = reopen(path);
      const memories = [{ of: "generation 1", open: [nodeDigester.sha256(bytesOf(linesOf(home)[0] ?? ""))] }];
      assert.deepEqual(breaksOf(home, memories), []);
      add(home, "three");
      assert.deepEqual(breaksOf(home, memories), []);
      assert.equal(home.ledger.last()?.operation, "three");
    },
  });
});

test("only the end of a long ledger is read for a line, and a line without a chain is followed on", () => {
  using place = scratch();
  const home = newHome(place.home);
  const old = JSON.stringify({ at: AT, operation: "old", verb: "exec" });
  writeFileSync(pathOf(home), `${old}\n`.repeat(30_000));
  const { fileSystem, bytesRead } = countingReads();
  for (const name of ["one", "two"]) add(reopen(place.home, { fileSystem }), name);
  assert.ok(bytesRead() < 200_000, `${bytesRead()} bytes`);
  assert.equal(home.ledger.read().at(-2)?.previous, nodeDigester.sha256(bytesOf(old)));
  const { chainedFrom, breaks } = home.ledger.examine([]);
  assert.deepEqual([chainedFrom?.line, breaks], [30_001, []]);
});

test("the last generation is found in some last lines where these tell of it, and behind many that do not", () => {
  using place = scratch();
  newHome(place.home);
  const line = (members: object) => `${JSON.stringify({ at: AT, operation: "old", verb: "exec", ...members })}\n`;
  for (const [last, most] of [
    [line({ generation: 7 }).repeat(1000), 5_000],
    [line({ to: 7 }) + line({}).repeat(500), 64_000],
  ] as const) {
    writeFileSync(pathOf(reopen(place.home)), line({ to: 3 }).repeat(1000) + last);
    const { fileSystem, bytesRead } = countingReads();
    assert.equal(reopen(place.home, { fileSystem }).ledger.lastGeneration(), 7);
    assert.ok(bytesRead() < most, `${bytesRead()} bytes`);
  }
});

test("a generation above the one that is known is found in whatever line of the last ones, however it is spelled", () => {
  using place = scratch();
  const home = newHome(place.home);
  const line = (members: string) => `{"at":"${AT}","operation":"o","verb":"exec"${members}}\n`;
  const last = line(',"generation":5') + line(',"detail":{"to":9}') + line("");
  const higher = [',"to":7', ',"generation" : 7', ',"\\u0074o":7', ',"detail":{"a":"\\""},"to":7'];
  for (const members of [...higher, ',"to":4', ',"detail":{"to":7}', ""]) {
    writeFileSync(pathOf(home), line(members) + line(',"detail":{}').repeat(20) + last);
    const highest = higher.includes(members) ? 7 : 5;
    assert.equal(home.ledger.lastGeneration(5), highest, members);
    assert.equal(home.ledger.lastGeneration(), highest, members);
  }
});

test("whole lines, however the chunks fall; what is too long or empty is none", () => {
  const text = ["", "a", "", "bb", "é".repeat(40), "c"].join("\n");
  const bytes = bytesOf(text);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: bytes.length }), (size) => {
      const buffer = new Uint8Array(size);
      const chunks = function* () {
        for (let start = 0; start < bytes.length; start += size) {
          const chunk = bytes.subarray(start, start + size);
          buffer.set(chunk);
          yield buffer.subarray(0, chunk.length);
        }
      };
      const found = Array.from(wholeLines(chunks()), ({ number, bytes }) => [
        number,
        Buffer.from(bytes ?? []).toString(),
      ]);
      assert.deepEqual(found, [
        [2, "a"],
        [4, "bb"],
        [5, "é".repeat(40)],
      ]);
    }),
  );
  const long = bytesOf(`${"x".repeat(2_000_000)}\nshort\n`);
  for (const size of [long.length, 65_536]) {
    const chunks = Array.from({ length: Math.ceil(long.length / size) }, (_, at) =>
      long.subarray(at * size, (at + 1) * size),
    );
    const found = Array.from(wholeLines(chunks), ({ number, bytes }) => [number, bytes?.length]);
    assert.deepEqual(found, [
      [1, undefined],
      [2, 5],
    ]);
  }
});

test("from the end: the same whole lines as from the beginning, however long they are and whatever lies between", () => {
  const MAX = 1024 * 1024;
  const piece = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 90 }) },
    { weight: 1, arbitrary: fc.constantFrom(MAX - 1, MAX, MAX + 1, 2 * MAX, 3 * MAX + 5) },
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 80 }),
      (lengths, torn, window) => {
        const text =
          lengths.map((length, at) => "abcdefghijkl".charAt(at).repeat(length)).join("\n") + (torn ? "" : "\n");
        const file = bytesOf(text);
        const shown = (lines: Iterable<{ readonly bytes: Uint8Array | undefined }>) =>
          Array.from(lines, ({ bytes }) => bytes && `${bytes.length} ${bytes[0]}`).filter((line) => line !== undefined);
        const read = (position: number, length: number) => file.subarray(position, position + length);
        const windows = [...linesFromEnd(read, file.length, window)];
        assert.deepEqual(shown(windows.toReversed().flat()), shown(wholeLines([file])));
      },
    ),
    { numRuns: 60 },
  );
});

test("however much cannot be read at its end, a ledger goes on, and is read in small parts", () => {
  using place = scratch();
  const before = newHome(place.home);
  for (const name of ["one", "two"]) add(before, name);
  truncateSync(`${place.home}/ledger.jsonl`, 40 * 1024 ** 2);
  let largest = 0;
  const openRead: typeof disk.openRead = (path) => {
    const handle = disk.openRead(path);
    const read: typeof handle.read = (into, position) => {
      largest = Math.max(largest, into.length);
      return handle.read(into, position);
    };
    return { bytes: handle.bytes, read, [Symbol.dispose]: () => handle[Symbol.dispose]() };
  };
  const home = reopen(place.home, { fileSystem: { ...disk, openRead } });
  assert.equal(home.ledger.last()?.operation, "two");
  add(home, "three");
  assert.equal(home.ledger.last()?.operation, "three");
  assert.deepEqual(breaksOf(home), []);
  assert.ok(largest <= 1024 * 1024, `${largest} bytes at once`);
});

function countingReads(): { readonly fileSystem: typeof disk; readonly bytesRead: () => number } {
  let bytes = 0;
  const openRead: (typeof disk)["openRead"] = (path) => {
    const handle = disk.openRead(path);
    const read = (target: Uint8Array, position: number) => {
      const count = handle.read(target, position);
      bytes += count;
      return count;
    };
    return { bytes: handle.bytes, read, [Symbol.dispose]: () => handle[Symbol.dispose]() };
  };
  return { fileSystem: { ...disk, openRead }, bytesRead: () => bytes };
}
