import type { Reporter } from "../ports/reporter.ts";

/** For who has nobody to tell. */
export const SILENT_REPORTER: Reporter = {
  note: () => {},
  warn: () => {},
  progress: () => ({ advance: () => {}, [Symbol.dispose]: () => {} }),
};
