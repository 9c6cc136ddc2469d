import { resolve } from "node:path";
import { isTerminal, standardOutput } from "./adapters/terminal/standard-output.ts";
import type { Outside, ReportManner } from "./cli/outside.ts";
import { VERSION } from "./cli/version.ts";
import { EngineryError } from "./core/errors.ts";
import type { Reporter } from "./ops/world.ts";

const words = process.argv.slice(2);
const stdout = standardOutput(1, () => process.stdout);
const stderr = standardOutput(2, () => process.stderr);

// Where an ES module imports one of Node's, Node asks for all members that it lists: those of `node:process` open our streams, and `diff` of
// `node:util`, which nobody here uses, stderr. What is open no longer waits, and an engine that takes our place would inherit that.
for (const stream of ["stdin", "stdout", "stderr"]) Object.defineProperty(process, stream, { enumerable: false });
Reflect.deleteProperty(process.getBuiltinModule("node:util"), "diff");

// bin/start.cjs has looked at Node's version, and has answered a bare --version.
void start();

async function start(): Promise<void> {
  const { runCommandLine } = await import("./cli/run.ts");
  const status = await runCommandLine(outside());
  // What stdout lost is a failure; what stderr lost can be told to nobody.
  stdout.end((lost) => {
    const told = lost === undefined ? status : statusOfLost(lost, status);
    // Connections that are kept alive must not keep us.
    stderr.end(() => process.exit(told));
  });
}

/** Whoever reads our output may stop reading; where it was to be kept and could not be, that is a failure of its own. */
function statusOfLost(error: NodeJS.ErrnoException, status: number): number {
  if (error.code === "EPIPE" || status !== 0) return status;
  stderr.write(
    `enginery: error io The answer could not be written to stdout: ${error.message}.\nWhat was asked is done; give stdout some room and ask again.\n`,
  );
  return 7;
}

function outside(): Outside {
  return {
    argv: words,
    env: process.env,
    system: process.platform,
    stdout,
    stderr,
    get interactive() {
      return stderr.isTerminal && isTerminal(0, () => process.stdin);
    },
    version: VERSION,
    now: () => Date.now(),
    absolutePath,
    readFile,
    writeFile,
    prompter: async () => (await import("./adapters/terminal/prompter.ts")).createPrompter(),
    reporter,
    operator: async (reporter) => {
      const { composeOperator, composeWorld } = await import("./compose.ts");
      return composeOperator(composeWorld(reporter));
    },
    publisher: async (reporter) => {
      const { composePublisher, composeWorld } = await import("./compose.ts");
      return composePublisher(composeWorld(reporter));
    },
  };
}

/** Errors: `missing`. */
function absolutePath(path: string): string {
  try {
    return resolve(path);
  } catch (cause) {
    throw new EngineryError("missing", "The folder that this was started in is no longer there.", {
      hint: `Give a whole path in place of ${path}, or start from another folder.`,
      context: { path },
      cause,
    });
  }
}

async function readFile(path: string): Promise<Uint8Array> {
  const { readRequired } = await import("./compose.ts");
  return readRequired(path);
}

async function writeFile(path: string, content: string, home: string): Promise<void> {
  const { writeNamed } = await import("./compose.ts");
  await writeNamed(path, content, home);
}

async function reporter(manner: ReportManner): Promise<Reporter & Disposable> {
  const { createReporter } = await import("./adapters/terminal/reporter.ts");
  return createReporter(stderr, manner);
}
