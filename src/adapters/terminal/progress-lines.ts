import type { Reporter } from "../../ports/reporter.ts";

const INTERVAL_MS = 200;

/**
 * JSON Lines: `{"event":"progress","label","bytes","total"}` at most every 200 ms a bar and once at its end (`"done":true`),
 * `{"event":"warning","code","message"}`, and under -v `{"event":"note","message"}`.
 */
export function createProgressLines(write: (line: string) => void, notes: boolean): Reporter & Disposable {
  const tell = (event: object) => write(`${JSON.stringify(event)}\n`);
  return {
    note: (message) => {
      if (notes) tell({ event: "note", message });
    },
    warn: (code, message) => tell({ event: "warning", code, message }),
    progress: (label, total) => {
      let bytes = 0;
      let told = 0;
      const progress = (more: object) =>
        tell({ event: "progress", label, bytes, ...(total === undefined ? {} : { total }), ...more });
      return {
        advance: (count) => {
          bytes += count;
          const now = performance.now();
          if (now - told < INTERVAL_MS) return;
          told = now;
          progress({});
        },
        [Symbol.dispose]: () => progress({ done: true }),
      };
    },
    [Symbol.dispose]: () => {},
  };
}
