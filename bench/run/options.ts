import { parseArgs } from "node:util";

/** What can be asked for, in the order in which it is measured and told. */
export const VERBS = ["install", "verify", "no-op", "upgrade", "rollback", "prune"] as const;
export const PARTS = [...VERBS, "start", "single-file", "launcher", "growth"] as const;

export type Verb = (typeof VERBS)[number];
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly parts: ReadonlySet<Part>;
  readonly rounds: number;
  /** A folder that keeps payload, peers and repositories for the next run; without one they go at the end. */
  readonly keep: string | undefined;
  /** Of what grows: names, or words of them. */
  readonly axes: readonly string[];
  /** Where the rounds are run. */
  readonly folder: string | undefined;
}

export const USAGE = `npm run bench -- [PART...] [--rounds N] [--axis WORD...] [--keep FOLDER] [--folder FOLDER]

PART: ${PARTS.join(", ")}; default: all.
--rounds N       How often each way is run, in turns. Default: 5.
--axis WORD      Of growth, the axes with that word in their name alone. May be repeated.
--keep FOLDER    Keep payload, peers and repositories there for another run.
--folder FOLDER  Measure in a folder of that file system. Default: that of temporary files.
`;

/** Errors: a word or flag that is none of these. */
export function readOptions(words: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      axis: { type: "string", multiple: true },
      keep: { type: "string" },
      folder: { type: "string" },
    },
  });
  const unknown = positionals.find((word) => !PARTS.includes(word as Part));
  if (unknown !== undefined) throw new Error(`${unknown} is no part.\n${USAGE}`);
  const rounds = Number(values.rounds ?? 5);
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds} is no number of rounds.`);
  const parts = new Set(positionals.length > 0 ? (positionals as Part[]) : PARTS);
  return { parts, rounds, axes: values.axis ?? [], keep: values.keep, folder: values.folder };
}
