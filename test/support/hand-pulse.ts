import type { Pulse } from "../../src/ports/pulse.ts";

/** Time that moves when a test says so; files are dated by the real clock. */
export interface HandPulse extends Pulse {
  /** Lets time pass, and what waits for it happen, in order. */
  pass(ms: number): Promise<void>;
  /** Time passes and nothing happens: the thread is busy. */
  stall(ms: number): void;
  /** What the OS would do when something changes in a watched folder. */
  ring(): void;
  readonly waiting: number;
  readonly watched: readonly string[];
}

export function handPulse(): HandPulse {
  let now = 0;
  const tasks = new Set<{ readonly at: number; readonly act: () => void }>();
  const rings = new Map<object, { readonly folder: string; readonly ring: () => void }>();
  return {
    now: () => now,
    wall: () => Date.now(),
    after: (ms, act) => {
      const task = { at: now + ms, act };
      tasks.add(task);
      return { [Symbol.dispose]: () => void tasks.delete(task) };
    },
    watch: (folder, ring) => {
      const key = {};
      rings.set(key, { folder, ring });
      return { [Symbol.dispose]: () => void rings.delete(key) };
    },
    pass: async (ms) => {
      const end = now + ms;
      for (;;) {
        const next = [...tasks].sort((one, other) => one.at - other.at)[0];
        if (next === undefined || next.at > end) break;
        tasks.delete(next);
        now = Math.max(now, next.at);
        next.act();
        // those who are to be told are told soon, and not at once
        await Promise.resolve();
      }
      now = end;
      await Promise.resolve();
    },
    stall: (ms) => {
      now += ms;
    },
    ring: () => {
      for (const { ring } of rings.values()) ring();
    },
    get waiting() {
      return tasks.size;
    },
    get watched() {
      return [...rings.values()].map(({ folder }) => folder);
    },
  };
}
