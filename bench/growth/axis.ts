import type { Cost } from "../run/shell.ts";

/** One thing that grows, and the verbs whose cost is told against it. */
export interface Axis {
  readonly name: string;
  /** What is counted, for the plot. */
  readonly unit: string;
  readonly sizes: readonly number[];
  /** Makes a home of that size in the folder; answers what the commands find in their environment. */
  make(folder: string, size: number): Promise<Readonly<Record<string, string>>>;
  readonly verbs: readonly GrowingVerb[];
}

export interface GrowingVerb {
  readonly name: string;
  /** For `sh -e`, with HOME_FOLDER, ENGINERY and what `make` answered. */
  readonly command: string;
  /** Not measured. */
  readonly before?: string;
  /** Once alone: it cannot be done again, or takes long. */
  readonly once?: boolean;
  /** What it must do grows with the size: to print every row, to read every file. Others are to stay flat. */
  readonly grows: boolean;
}

export interface GrowthRow {
  readonly verb: GrowingVerb;
  readonly points: readonly { readonly size: number; readonly costs: readonly Cost[] }[];
  readonly failed: string | undefined;
}

export interface MeasuredAxis {
  readonly axis: Axis;
  readonly rows: readonly GrowthRow[];
  /** Of `node -e 0`, milliseconds. */
  readonly node: readonly number[];
}
