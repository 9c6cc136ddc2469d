// The acceptance rows of the systems that Enginery serves, on real engines: `npm run test:systems [-- FILE...]`.
// A test's name begins with its row, or with several (`P1: ...`, `O1, O2: ...`), and tells its engine with t.diagnostic("engine: ...").
// Prints a table at its end. Exits 1 where a test failed, or where a row has neither a passing nor a skipped one.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EventData } from "node:test";
import { fileURLToPath } from "node:url";
import { prepareEngines } from "../test/engines/support/prepare.ts";
import { prepareBrowser } from "../test/systems/support/prepare-browser.ts";
import { prepareCometbft } from "../test/systems/support/prepare-cometbft.ts";
import { runCounted } from "./counted-tests.ts";
import { refreshBuild } from "./fresh-build.ts";

/** What must be shown. A test may show another row, too: it is listed and not asked for. */
const ROWS = [
  ...["P1", "P2", "P3", "P4", "P5", "P6"],
  ...["O1", "O2", "O3", "O4", "O5", "O6"],
  ...["A1", "A2", "A3", "A7"],
  ...["H1", "H2", "H3", "H4", "H5"],
];

interface Shown {
  readonly rows: readonly string[];
  readonly what: string;
  readonly result: "passed" | "failed" | "skipped";
  /** Where the test is defined: its diagnostics follow it and name the same place. */
  readonly place: string;
  engine: string;
}

const checkout = fileURLToPath(new URL("..", import.meta.url));
process.chdir(checkout);
refreshBuild();
process.env["ENGINERY_TEST_ENGINES"] = await prepareEngines(join(checkout, ".cache", "engines"));

const asked = process.argv.slice(2);
const files = asked.length > 0 ? asked : globSync("test/systems/*.test.ts").sort();
// it takes minutes to build, and few files need it
if (files.some((file) => readFileSync(file, "utf8").includes("support/cometbft.ts"))) {
  process.env["ENGINERY_TEST_COMETBFT"] = JSON.stringify(prepareCometbft(join(checkout, ".cache", "systems")));
}
if (files.some((file) => readFileSync(file, "utf8").includes("support/browser.ts"))) {
  process.env["ENGINERY_TEST_BROWSER"] = JSON.stringify(prepareBrowser());
}
const shown: Shown[] = [];
const events = runCounted(files, () => {
  process.stdout.write(tableOf(shown));
  const missing =
    asked.length > 0 ? [] : ROWS.filter((row) => !shown.some(({ rows, result }) => proves(rows, result, row)));
  if (missing.length === 0) return;
  process.stdout.write(`Not shown: ${missing.join(", ")}\n`);
  process.exitCode = 1;
});
events.on("test:pass", (test) => note(test, test.skip === undefined ? "passed" : "skipped"));
events.on("test:fail", (test) => note(test, "failed"));
events.on("test:diagnostic", (diagnostic) => {
  const engine = /^engine: (.*)$/s.exec(diagnostic.message)?.[1];
  const test = shown.findLast(({ place }) => place === placeOf(diagnostic));
  if (engine !== undefined && test !== undefined) test.engine = engine;
});

function note(test: EventData.TestPass | EventData.TestFail, result: Shown["result"]): void {
  const [, rows, what] = /^([A-Z]\d(?:, [A-Z]\d)*): (.*)$/s.exec(test.name) ?? [];
  // a suite counts only where it was skipped as a whole: its tests speak for themselves
  if (rows === undefined || what === undefined || (test.details.type === "suite" && result !== "skipped")) return;
  const engine = result === "skipped" && typeof test.skip === "string" ? test.skip : "not told";
  shown.push({ rows: rows.split(", "), what, result, place: placeOf(test), engine });
}

function placeOf({ file, line, column, nesting }: Place): string {
  return `${file}:${line}:${column}:${nesting}`;
}

interface Place {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly nesting: number;
}

function proves(rows: readonly string[], result: Shown["result"], row: string): boolean {
  return result !== "failed" && rows.includes(row);
}

function tableOf(tests: readonly Shown[]): string {
  const others = tests.flatMap(({ rows }) => rows).filter((row) => !ROWS.includes(row));
  const lines = [...ROWS, ...new Set(others.sort())].flatMap((row) =>
    tests.filter(({ rows }) => rows.includes(row)).map(({ what, engine, result }) => [row, result, engine, what]),
  );
  const table = [["ROW", "RESULT", "ENGINE", "SHOWN"], ...lines];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const show = (line: readonly string[]) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return `\n${table.map((line) => `${show(line).trimEnd()}\n`).join("")}`;
}
