import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writerLock } from "../../src/adapters/writer-lock.ts";

function scratch(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "enginery-lock-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

test("one writer at a time, and the other is told who", async () => {
  using place = scratch();
  const lock = writerLock();
  const held = await lock.acquire(place.path, "upgrade by process 7", 0);
  await assert.rejects(lock.acquire(place.path, "prune", 0), { code: "busy", message: /upgrade by process 7/ });
  await held[Symbol.asyncDispose]();
  assert.deepEqual(readdirSync(place.path), []);
  await using _again = await lock.acquire(place.path, "prune", 0);
});

test("who waits gets the lock when it is free", async () => {
  using place = scratch();
  const lock = writerLock();
  const held = await lock.acquire(place.path, "first", 0);
  setTimeout(() => void held[Symbol.asyncDispose](), 150);
  await using _second = await lock.acquire(place.path, "second", 5000);
});

test("a home that is not there is missing", async () => {
  using place = scratch();
  await assert.rejects(writerLock().acquire(`${place.path}/none`, "x", 0), { code: "missing" });
});

test("letting go of a lock that is gone is no error", async () => {
  using place = scratch();
  const held = await writerLock().acquire(place.path, "x", 0);
  rmSync(`${place.path}/.writer`, { recursive: true });
  await held[Symbol.asyncDispose]();
});
