import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import type { Timer } from "../../src/ports/timer.ts";
import type { TestWorld } from "./test-world.ts";

/** Time that passes only while everybody sleeps, and then at once: the world's clock goes with it. */
export interface VirtualTimer extends Timer {
  /** Lets time pass until `condition` holds; what really takes time (a process, a download) is waited for. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Lets time pass until `promise` is settled, whoever is at work. */
  finish<T>(promise: Promise<T>): Promise<T>;
  /** Lets so many milliseconds pass. */
  pass(milliseconds: number): Promise<void>;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** Real milliseconds after which something hangs. */
const HANGS_MS = 10_000;

/**
 * `loops`: how many must sleep before time passes, for one that is at work would be overtaken. `atWork`: how many others must not be either.
 */
export function virtualTimer(
  world: () => Pick<TestWorld, "time">,
  loops = 2,
  atWork: () => number = () => 0,
): VirtualTimer {
  let now = 0;
  let sleepers: Sleeper[] = [];

  async function settle(): Promise<void> {
    for (let turns = 0; turns < 3; turns += 1) await turn();
    if (isBusy()) await pause(1);
  }

  const isBusy = () => sleepers.length < loops || atWork() > 0;

  function advance(to: number): void {
    world().time += to - now;
    now = to;
    const due = sleepers.filter((sleeper) => sleeper.due <= now);
    sleepers = sleepers.filter((sleeper) => sleeper.due > now);
    for (const { wake } of due) wake();
  }

  const next = () => Math.min(...sleepers.map(({ due }) => due));

  return {
    ticks: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) {
          resolve();
          return;
        }
        const sleeper: Sleeper = {
          due: now + milliseconds,
          wake: () => {
            signal?.removeEventListener("abort", broken);
            resolve();
          },
        };
        const broken = () => {
          sleepers = sleepers.filter((one) => one !== sleeper);
          sleeper.wake();
        };
        signal?.addEventListener("abort", broken, { once: true });
        sleepers.push(sleeper);
      }),
    until: async (condition, what) => {
      const began = performance.now();
      for (;;) {
        await settle();
        if (condition()) return;
        if (performance.now() - began > HANGS_MS) throw new Error(`It never came to this: ${what}.`);
        if (!isBusy()) advance(next());
      }
    },
    finish: async (promise) => {
      const ended = { yet: false };
      const end = () => {
        ended.yet = true;
      };
      promise.then(end, end);
      const began = performance.now();
      while (!ended.yet) {
        await settle();
        await pause(1);
        if (performance.now() - began > HANGS_MS) throw new Error("It never ended.");
        if (!ended.yet && sleepers.length > 0) advance(next());
      }
      return await promise;
    },
    pass: async (milliseconds) => {
      const end = now + milliseconds;
      const began = performance.now();
      for (;;) {
        await settle();
        if (performance.now() - began > HANGS_MS) throw new Error(`${milliseconds} ms never passed.`);
        if (isBusy()) continue;
        if (next() > end) {
          world().time += end - now;
          now = end;
          return;
        }
        advance(next());
      }
    },
  };
}
