import type { Operator } from "../ops/operator.ts";
import type { Publisher } from "../ops/publisher.ts";
import type { Prompter, Reporter } from "../ops/world.ts";

/** All that the command line knows of the world: handed in by main.ts, or by a test. */
export interface Outside {
  /** Without Node and the program's own name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `win32`, `linux`, ... */
  readonly system: string;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Whether a person can be asked: stdin and stderr are terminals. */
  readonly interactive: boolean;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly absolutePath: (path: string) => string;
  /** Errors: `missing`, `permission`, `io`. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** A file that was named, whole or not at all, and never within `home`. Errors: `refused`, `missing`, `permission`, `disk-full`, `io`. */
  readonly writeFile: (path: string, content: string, home: string) => Promise<void>;
  readonly prompter: () => Promise<Prompter>;
  readonly reporter: (manner: ReportManner) => Promise<Reporter & Disposable>;
  readonly operator: (reporter: Reporter) => Promise<Operator>;
  readonly publisher: (reporter: Reporter) => Promise<Publisher>;
}

export interface TextOutput {
  readonly isTerminal: boolean;
  /** How wide a terminal is. */
  readonly columns?: number | undefined;
  write(text: string): void;
}

export interface ReportManner {
  readonly progress: "bars" | "json" | "none";
  readonly notes: boolean;
  readonly colours: boolean;
}
