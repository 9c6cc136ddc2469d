import type { Reporter } from "../../ports/reporter.ts";
import { createBars } from "./bars.ts";
import { createProgressLines } from "./progress-lines.ts";

export interface ReporterManner {
  readonly progress: "bars" | "json" | "none";
  readonly notes: boolean;
  readonly colours: boolean;
}

export interface ReporterOutput {
  /** For bars. */
  readonly stream: NodeJS.WriteStream;
  write(text: string): void;
}

/** Tells what operations do, on `output`; disposed when the operation has ended, before its result is printed. */
export function createReporter(output: ReporterOutput, manner: ReporterManner): Reporter & Disposable {
  if (manner.progress === "json") return createProgressLines((line) => output.write(line), manner.notes);
  const bars = manner.progress === "bars" ? createBars(output.stream) : undefined;
  const line = (text: string) => {
    if (bars === undefined) output.write(`${text}\n`);
    else bars.line(text);
  };
  const warning = manner.colours ? "\u001b[33menginery: warning\u001b[39m" : "enginery: warning";
  return {
    note: (message) => {
      if (manner.notes) line(`enginery: ${oneLine(message)}`);
    },
    warn: (code, message) => line(`${warning} ${code}: ${oneLine(message)}`),
    progress: (label, total) => bars?.begin(oneLine(label), total) ?? { advance: () => {}, [Symbol.dispose]: () => {} },
    [Symbol.dispose]: () => bars?.end(),
  };
}

/** Foreign text cannot steer the terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, "\ufffd");
}
