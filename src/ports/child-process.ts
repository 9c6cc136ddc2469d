export interface ChildProcess {
  /** Runs to its end, output captured and capped; never through a shell. */
  run(file: string, args: readonly string[], options: RunOptions): Promise<RunResult>;
  /**
   * Replaces this process where the OS can (then it does not return), else runs the child with this one's
   * stdio and signals and answers its exit status. `begun`: told the process id of such a child. Errors: `engine-start`.
   */
  replace(
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    begun?: (pid: number) => void,
  ): Promise<number>;
}

export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Absent: a fresh empty folder, which `HOME` names too, removed afterwards. */
  readonly cwd?: string;
  readonly timeoutMs: number;
  /** What comes beyond is read and dropped. */
  readonly maxOutputBytes: number;
  /** A regular expression (no flags) that the output, less white space at its end, is held against, within a second. */
  readonly expect?: string;
  /** What the child reads on its standard input; without it: nothing, closed. */
  readonly input?: Uint8Array;
  /** What goes to standard error: among the output in the order it came, or apart, as `talk` of the result. */
  readonly talk?: "within" | "apart";
  /** Aborted: the run ends as if its time were over. */
  readonly signal?: AbortSignal;
}

export type RunResult =
  /** `matched`: only where `expect` was given; "timeout" where the match took too long. */
  | {
      readonly outcome: "exit";
      readonly status: number;
      readonly output: string;
      readonly talk?: string;
      readonly matched?: boolean | "timeout";
    }
  | { readonly outcome: "signal"; readonly signal: string; readonly output: string; readonly talk?: string }
  | { readonly outcome: "timeout"; readonly output: string; readonly talk?: string }
  /** `reason`: the system's name of the error first, as in `ENOENT: ...`. */
  | { readonly outcome: "not-started"; readonly reason: string };
