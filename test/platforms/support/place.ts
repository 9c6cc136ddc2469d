import { spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ran } from "../../engines/support/command.ts";
import { killTree } from "../../support/kill-tree.ts";

/** Where one platform's programs run: this host, or a root folder with an emulator. */
export interface Place {
  /** As Enginery names it. */
  readonly platform: string;
  /** What runs its programs, for the table. */
  readonly how: string;
  /** A folder of this host that the programs see, for homes and repositories. */
  readonly work: string;
  /** How the programs call a path below `work`. */
  inside(path: string): string;
  /** What starts the built command line. */
  readonly enginery: readonly string[];
  /** What starts a launcher of a home, or an engine. */
  program(path: string): readonly string[];
  /** Puts the words into the command that runs them there. */
  through(words: readonly string[], env: Environment): readonly string[];
}

export type Environment = Readonly<Record<string, string>>;

/** A program that was started. Its output goes to files: a pipe is none under wine. */
export interface Running {
  readonly done: Promise<Ran>;
  readonly ended: () => boolean;
  /** Ends it and all that it started, at once. */
  kill(): void;
}

/** Starts `words` there, without a terminal. Bounded: ended after two minutes. */
export function start(place: Place, words: readonly string[], env: Environment = {}): Running {
  const outputs = mkdtempSync(join(tmpdir(), "enginery-platform-"));
  const [stdout, stderr] = [join(outputs, "stdout"), join(outputs, "stderr")];
  const descriptors = [openSync(stdout, "w"), openSync(stderr, "w")] as const;
  const [command = "", ...args] = place.through(words, env);
  const child = spawn(command, args, { env: hostEnvironment(), stdio: ["ignore", ...descriptors] });
  for (const descriptor of descriptors) closeSync(descriptor);
  const kill = () => killTree(child);
  const limit = setTimeout(kill, 120_000);
  const done = new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject))
    .then((status) => ({
      words: words.join(" "),
      status,
      stdout: readFileSync(stdout, "utf8"),
      stderr: withoutNoise(readFileSync(stderr, "utf8")),
    }))
    .finally(() => {
      clearTimeout(limit);
      rmSync(outputs, { recursive: true, force: true });
    });
  return { done, ended: () => child.exitCode !== null || child.signalCode !== null, kill };
}

/** The caller's own settings are none of the case's. */
function hostEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(ENGINERY_|NODE_|npm_)/.test(name)));
}

/** Wine says on stderr what it misses of a desktop. */
function withoutNoise(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !line.startsWith("error: XDG_RUNTIME_DIR"))
    .join("\n");
}

/** A folder of its own below the place's work. */
export function folderIn(place: Place, name: string): string {
  mkdirSync(place.work, { recursive: true });
  return mkdtempSync(join(place.work, `${name}-`));
}
