import type { MultiBar, SingleBar } from "cli-progress";
import type { ProgressBar } from "../../ports/reporter.ts";

export interface Bars {
  begin(label: string, total: number | undefined): ProgressBar;
  /** A line above the bars. */
  line(text: string): void;
  end(): void;
}

interface Bar {
  readonly label: string;
  readonly total: number | undefined;
  readonly began: number;
  bytes: number;
  shown: SingleBar | undefined;
}

const WIDTH = 16;

/** Bars with bytes, rate and time left. The library is loaded by the first bar; what comes before it is there is shown then. */
export function createBars(stream: NodeJS.WriteStream): Bars {
  const bars: Bar[] = [];
  let screen: MultiBar | undefined;
  let begun = false;
  let ended = false;
  const load = async () => {
    const { default: library } = await import("cli-progress");
    if (ended) return;
    screen = new library.MultiBar({
      stream,
      format: (_options, params, payload: { bar: Bar }) => barText(payload.bar, params.eta),
      // a signal must end the process as it always does, and leave the terminal as it was
      gracefulExit: false,
      hideCursor: false,
      linewrap: true,
      etaBuffer: 50,
    });
    for (const bar of bars) show(bar);
  };
  const show = (bar: Bar) => {
    bar.shown = screen?.create(bar.total ?? 0, bar.bytes, { bar });
  };
  return {
    begin: (label, total) => {
      const bar: Bar = { label, total, began: performance.now(), bytes: 0, shown: undefined };
      bars.push(bar);
      if (!begun) {
        begun = true;
        void load();
      } else show(bar);
      return {
        advance: (bytes) => {
          bar.bytes += bytes;
          bar.shown?.update(bar.bytes, { bar });
        },
        [Symbol.dispose]: () => bar.shown?.stop(),
      };
    },
    line: (text) => {
      if (screen === undefined) stream.write(`${text}\n`);
      else screen.log(`${text}\n`);
    },
    end: () => {
      if (ended) return;
      ended = true;
      screen?.update();
      screen?.stop();
    },
  };
}

/** `wasmtime 36.0.2 [####......] 3.1/12.0 MiB  2.0 MiB/s  4 s left`: fits 80 columns, what is longer is cut by the terminal. */
export function barText(bar: Pick<Bar, "label" | "total" | "bytes" | "began">, secondsLeft: number): string {
  const rate = bar.bytes / Math.max(0.001, (performance.now() - bar.began) / 1000);
  const label = bar.label.length > 22 ? `${bar.label.slice(0, 21)}…` : bar.label.padEnd(22);
  const speed = `${mebibytes(rate)} MiB/s`;
  if (bar.total === undefined || bar.total === 0) return `${label} ${mebibytes(bar.bytes)} MiB  ${speed}`;
  const filled = Math.min(WIDTH, Math.round((bar.bytes / bar.total) * WIDTH));
  const picture = `[${"#".repeat(filled)}${".".repeat(WIDTH - filled)}]`;
  const left =
    bar.bytes >= bar.total ? "done" : Number.isFinite(secondsLeft) ? `${Math.round(secondsLeft)} s left` : "";
  return `${label} ${picture} ${mebibytes(bar.bytes)}/${mebibytes(bar.total)} MiB  ${speed}  ${left}`;
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
