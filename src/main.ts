import module from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outside, ReportManner, TextOutput } from "./cli/outside.ts";
import { VERSION } from "./cli/version.ts";
import { EngineryError } from "./core/errors.ts";
import type { Reporter } from "./ops/world.ts";

const EVERYBODY_WRITES = 0o002;

const words = process.argv.slice(2);

// bin/start.cjs has looked at Node's version, and has answered a bare --version.
// Beside the code, where only its owner writes: a cache that others write to could be somebody else's code.
if ((process.umask() & EVERYBODY_WRITES) !== 0) {
  module.enableCompileCache(fileURLToPath(new URL("../dist/.compile-cache", import.meta.url)));
}
void start();

async function start(): Promise<void> {
  // What stdout lost is told by its last write; what stderr lost, to nobody.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const { runCommandLine } = await import("./cli/run.ts");
  const status = await runCommandLine(outside());
  // Connections that are kept alive must not keep us.
  process.stdout.write("", (lost) => {
    const told = lost ? statusOfLost(lost, status) : status;
    process.stderr.write("", () => process.exit(told));
  });
}

/** Whoever reads our output may stop reading; where it was to be kept and could not be, that is a failure of its own. */
function statusOfLost(error: NodeJS.ErrnoException, status: number): number {
  if (error.code === "EPIPE" || status !== 0) return status;
  process.stderr.write(
    `enginery: error io The answer could not be written to stdout: ${error.message}.\nWhat was asked is done; give stdout some room and ask again.\n`,
  );
  return 7;
}

function outside(): Outside {
  return {
    argv: words,
    env: process.env,
    system: process.platform,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
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

function output(stream: NodeJS.WriteStream): TextOutput {
  return {
    isTerminal: stream.isTTY === true,
    columns: stream.isTTY === true ? stream.columns : undefined,
    write: (text) => void stream.write(text),
  };
}

async function readFile(path: string): Promise<Uint8Array> {
  const { readRequired } = await import("./compose.ts");
  return readRequired(path);
}

async function writeFile(path: string, content: string, home: string): Promise<void> {
  const { writeOutputFile } = await import("./adapters/output-file.ts");
  writeOutputFile(path, content, home);
}

async function reporter(manner: ReportManner): Promise<Reporter & Disposable> {
  const { createReporter } = await import("./adapters/terminal/reporter.ts");
  return createReporter(process.stderr, manner);
}
