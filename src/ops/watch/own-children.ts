import type { World } from "../world.ts";

/** The programs that a `watch` starts: alarm commands, probes. None outlives it. */
export interface OwnChildren {
  readonly children: World["children"];
  /** Ends what still runs, and waits for so many milliseconds until it is gone. */
  end(milliseconds: number): Promise<void>;
}

export function ownChildren({ children, timer }: Pick<World, "children" | "timer">): OwnChildren {
  const running = new Map<AbortController, Promise<unknown>>();
  let isOver = false;

  const run: World["children"]["run"] = async (file, args, options) => {
    const ending = new AbortController();
    const signal = options.signal === undefined ? ending.signal : AbortSignal.any([ending.signal, options.signal]);
    if (isOver) return await never();
    const ran = children.run(file, args, { ...options, signal });
    running.set(ending, ran);
    try {
      const result = await ran;
      // what we ended ourselves says nothing about the program: a probe cut short must condemn no release
      return isOver ? await never() : result;
    } finally {
      running.delete(ending);
    }
  };

  return {
    children: { ...children, run },
    end: async (milliseconds) => {
      isOver = true;
      const all = Promise.allSettled(running.values());
      for (const ending of running.keys()) ending.abort();
      const enough = new AbortController();
      await Promise.race([all, timer.sleep(milliseconds, enough.signal)]);
      enough.abort();
    },
  };
}

/** The operation that waits for it is left, as all that still runs at the end. */
function never(): Promise<never> {
  return new Promise(() => {});
}
