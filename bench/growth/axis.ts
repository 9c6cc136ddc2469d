/** One thing that grows, and the verbs whose cost is told against it. */
export interface Axis {
  readonly name: string;
  /** What is counted, for the plot. */
  readonly unit: string;
  /** As most homes have it: one of the sizes. */
  readonly ordinary: number;
  readonly sizes: readonly number[];
  /** Makes a home of that size in the folder; answers what the commands find in their environment. */
  make(folder: string, size: number): Promise<Readonly<Record<string, string>>>;
  readonly verbs: readonly GrowingVerb[];
}

export interface GrowingVerb {
  readonly name: string;
  /** For `sh -e`, with HOME_FOLDER, ENGINERY, NODE and what `make` answered. */
  readonly command: string;
  /** Not measured. */
  readonly before?: string;
  /** Once alone: it cannot be done again. */
  readonly once?: boolean;
  /** What it must do grows with the size: to parse a manifest, to print every row. Others are to stay flat. */
  readonly grows: boolean;
  /** The command prints its cost itself: milliseconds of wall and processor time, and KiB. */
  readonly tells?: boolean;
}

/** As it is kept in figures.json. */
export interface AxisFigures {
  readonly name: string;
  /** One-minute loads when it began and when it ended: what the figures are worth. */
  readonly load: readonly [number, number];
  /** Of `node -e 0`: medians in milliseconds. */
  readonly node: { readonly wall: number; readonly cpu: number };
  readonly rows: readonly GrowthRow[];
}

export interface GrowthRow {
  readonly verb: string;
  readonly grows: boolean;
  readonly points: readonly Point[];
  readonly failed?: string;
}

/** Medians in milliseconds; the greatest peak of any one process in MiB. */
export interface Point {
  readonly size: number;
  readonly wall: number;
  readonly cpu: number;
  readonly peak: number;
}
