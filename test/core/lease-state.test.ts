import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type LeaseFacts, leaseState } from "../../src/core/lease-state.ts";
import type { Lease } from "../../src/core/model/home.ts";

const HERE: LeaseFacts = {
  machine: "m1",
  boot: "b1",
  namespaces: ["pid:1", "dev:0:5"],
  startedOf: (pid) => ({ 7: "1000", 8: undefined })[pid] ?? (pid === 8 ? undefined : null),
};

const lease = (change: { [K in keyof Lease]?: Lease[K] | undefined } = {}): Lease => {
  const whole = {
    format: 1,
    id: "l",
    engine: "xs",
    version: "1.0.0",
    pid: 7,
    started: "1000",
    boot: "b1",
    machine: "m1",
    namespace: "pid:1",
    ...change,
  };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)) as unknown as Lease;
};

const is = (change: Parameters<typeof lease>[0], facts: Partial<LeaseFacts> = {}) =>
  leaseState(lease(change), { ...HERE, ...facts });

test("alive: the same process, however its namespace is named", () => {
  assert.equal(is({}), "alive");
  assert.equal(is({ namespace: "dev:0:5" }), "alive");
});

test("gone: no such process, another start time, another boot of this machine", () => {
  assert.equal(is({ pid: 9 }), "gone");
  assert.equal(is({ started: "999" }), "gone");
  assert.equal(is({ boot: "b0" }), "gone");
  assert.equal(is({ boot: "b0", namespace: "pid:99" }), "gone", "the reboot ended every namespace");
});

test("foreign, and so kept: another machine or namespace, or not enough said", () => {
  assert.equal(is({ machine: "m2" }), "foreign");
  assert.equal(is({ machine: "m2", boot: "b0" }), "foreign");
  assert.equal(is({ namespace: "pid:2" }), "foreign");
  assert.equal(is({ namespace: "pid:2", pid: 9 }), "foreign");
  assert.equal(is({ namespace: undefined }), "foreign");
  assert.equal(is({ boot: "b0", machine: undefined }), "foreign");
  assert.equal(is({ boot: undefined, machine: undefined }), "foreign");
  for (const pid of [0, -1, 1.5]) assert.equal(is({ pid }), "foreign");
});

test("the same boot is the same machine, where neither has an id", () => {
  assert.equal(is({ machine: undefined }), "alive");
  assert.equal(is({ pid: 9 }, { machine: undefined }), "gone");
});

test("without a start time a lease is gone with its process or its boot only", () => {
  assert.equal(is({ started: undefined }), "alive");
  assert.equal(is({ started: undefined, pid: 9 }), "gone");
  assert.equal(is({ started: undefined, boot: "b0" }), "gone");
  assert.equal(is({ pid: 8 }), "alive", "the OS does not tell");
});

test("where the OS has no namespaces none is asked for", () => {
  assert.equal(is({ namespace: undefined }, { namespaces: [] }), "alive");
  assert.equal(is({}, { namespaces: [] }), "foreign");
});

test("no lease counts as gone unless it is of this machine", () => {
  const some = <T>(...values: T[]) => fc.constantFrom(...values, undefined);
  fc.assert(
    fc.property(
      fc.record({
        machine: some("m1", "m2"),
        boot: some("b1", "b0"),
        namespace: some("pid:1", "pid:2"),
        pid: fc.constantFrom(7, 8, 9),
      }),
      (change) => {
        const isOurs = change.machine === "m1" || (change.machine === undefined && change.boot === "b1");
        if (is(change) === "gone") assert.ok(isOurs);
      },
    ),
  );
});
