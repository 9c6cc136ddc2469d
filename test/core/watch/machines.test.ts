import assert from "node:assert/strict";
import { test } from "node:test";
import { isEngineryError } from "../../../src/core/errors.ts";
import { type Machine, step } from "../../../src/core/watch/machine.ts";
import { ALARM, FOLLOW, type FollowEvent, KEEP, type KeepEvent } from "../../../src/core/watch/machines.ts";

type AnyMachine = Machine<string, string, string>;
const MACHINES: Readonly<Record<string, AnyMachine>> = { FOLLOW, KEEP, ALARM };
const modesOf = ({ table }: AnyMachine) => new Set(table.flatMap(({ from, to }) => [...from, to]));

for (const [name, machine] of Object.entries(MACHINES)) {
  test(`${name}: no mode has two rows for one event`, () => {
    const seen = machine.table.flatMap(({ from, on }) => from.map((mode) => `${mode} ${on}`));
    assert.deepEqual(seen.toSorted(), [...new Set(seen)].toSorted());
  });

  test(`${name}: every mode can be reached`, () => {
    const reached = new Set([machine.begins]);
    for (let size = 0; size < reached.size; ) {
      size = reached.size;
      for (const { from, to } of machine.table) if (from.some((mode) => reached.has(mode))) reached.add(to);
    }
    assert.deepEqual([...modesOf(machine)].toSorted(), [...reached].toSorted());
  });
}

test("whatever a reading brings, following knows what to do with it", () => {
  const events: readonly FollowEvent[] = ["seen", "refused", "unread", "forgotten", "unwritten", "stop"];
  for (const mode of modesOf(FOLLOW)) {
    for (const event of events) {
      if (mode === "stopped" && event !== "stop") continue;
      assert.doesNotThrow(() => step(FOLLOW, mode as "starting", event), `${mode} ${event}`);
    }
  }
});

test("readers are told to have their answer only where there is one", () => {
  const announced = FOLLOW.table.filter(({ does }) => does.includes("announce")).map(({ on }) => on);
  assert.deepEqual(announced.toSorted(), ["refused", "seen", "unread"]);
  assert.equal(step(FOLLOW, "starting", "forgotten").mode, "starting");
  assert.equal(step(FOLLOW, "starting", "unwritten").mode, "starting");
});

test("every way of an upgrade leads over a proof back to waiting, and every proof ends in a look", () => {
  for (const outcome of ["upgraded", "held", "failed"] as const satisfies readonly KeepEvent[]) {
    let mode = step(KEEP, "waiting", "check-due").mode;
    mode = step(KEEP, mode, outcome).mode;
    assert.deepEqual(step(KEEP, mode, "proven"), { mode: "waiting", does: ["assess"] });
  }
});

test("what was not foreseen is a bug and no guess", () => {
  assert.throws(
    () => step(KEEP, "waiting", "proven"),
    (error: unknown) => isEngineryError(error, "internal"),
  );
  assert.throws(
    () => step(FOLLOW, "stopped", "seen"),
    (error: unknown) => isEngineryError(error, "internal"),
  );
});
