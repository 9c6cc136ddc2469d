// The safety suites, one after the other, and a table of what they found: `npm run test:safety [-- [--but] PART OF A NAME...]`.
// Exits 1 where anything is broken; the last line counts. What each suite does: docs/SAFETY.md.
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BROKEN, TALLY, type Tally } from "../test/safety/support/tally.ts";

/** A suite a line: its name, and its files (patterns). */
const SUITES: readonly (readonly [name: string, ...files: string[]])[] = [
  ["checker", "test/safety/checker.test.ts"],
  ["kill matrix", "test/safety/kill-matrix.test.ts", "test/safety/kill-self-update.test.ts"],
  ["errors at calls", "test/safety/errors*.test.ts"],
  ["full disk", "test/safety/full-disk.test.ts"],
  [
    "power cuts",
    "test/safety/power-cut-ext4.test.ts",
    "test/safety/power-cut-xfs.test.ts",
    "test/safety/power-cut-many-files.test.ts",
  ],
  ["block states", "test/safety/power-cut-blocks.test.ts"],
  ["races", "test/safety/races-*.test.ts"],
  ["hostile input", "test/safety/hostile-input.test.ts", "test/hostile/!(fuzz*).test.ts"],
  ["fuzzing", "test/hostile/fuzz-*.test.ts", "test/core/fuzz.test.ts"],
  ["large download", "test/safety/large-download.test.ts"],
  ["network faults", "test/safety/network*.test.ts"],
  ["mutants", "test/safety/mutants.test.ts"],
  ["permissions", "test/safety/permissions.test.ts", "test/ops/planted-links.test.ts"],
  ["recovery", "test/ops/recovery.test.ts"],
];

/** No case takes a third of that: one that hangs is named, and the others run. */
const PATIENCE_MS = process.env["ENGINERY_SAFETY_FULL"] === undefined ? 15 * 60_000 : Number.POSITIVE_INFINITY;

/** Set for the process that has mounts of its own. */
const OWN_MOUNTS = "ENGINERY_SAFETY_MOUNTS";

type Reasons = Map<string, number>;

interface Row {
  readonly suite: string;
  cases: number;
  broken: number;
  /** For lack of means: reason to number. */
  readonly skipped: Reasons;
  /** On purpose. */
  readonly leftOut: Reasons;
  seconds: number;
}

// Whoever copies the host's mounts meanwhile (`unshare --mount`, as other suites do) would hold the disks that are cut off here.
if (process.env[OWN_MOUNTS] === undefined && spawnSync("unshare", ["--mount", "true"]).status === 0) {
  const words = ["--mount", process.execPath, ...process.argv.slice(1)];
  const env = { ...process.env, [OWN_MOUNTS]: "own" };
  process.exit(spawnSync("unshare", words, { stdio: "inherit", env }).status ?? 1);
}

// The same inputs as in a plain test run, and as many again four times.
process.env["FUZZ_FACTOR"] ??= "5";
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { values, positionals: asked } = parseArgs({
  options: { but: { type: "boolean", default: false } },
  allowPositionals: true,
});
const rows: Row[] = [];
for (const [suite, ...patterns] of SUITES) {
  if (asked.length > 0 && asked.some((part) => suite.includes(part)) === values.but) continue;
  rows.push(await runSuite(suite, globSync(patterns).sort()));
}
process.stdout.write(tableOf(rows));
if (rows.length === 0 || rows.some(({ broken }) => broken > 0)) process.exitCode = 1;

async function runSuite(suite: string, files: readonly string[]): Promise<Row> {
  const row: Row = {
    suite,
    cases: 0,
    broken: files.length === 0 ? 1 : 0,
    skipped: new Map(),
    leftOut: new Map(),
    seconds: 0,
  };
  const begun = performance.now();
  process.stdout.write(`\n== ${suite}\n`);
  // One file at a time: suites fill both processors themselves.
  const events = run({ files: [...files], concurrency: 1, timeout: PATIENCE_MS });
  events.on("test:pass", ({ skip: skipped, details }) => {
    if (skipped !== undefined) addTo(row.skipped, typeof skipped === "string" ? skipped : "no reason given", 1);
    else if (details.type !== "suite") row.cases += 1;
  });
  events.on("test:fail", ({ details }) => {
    if (details.type === "suite") return;
    row.cases += 1;
    row.broken += Number(BROKEN.exec(messageOf(details.error))?.[1] ?? 1);
  });
  events.on("test:diagnostic", ({ message }) => {
    if (!message.startsWith(TALLY)) return;
    const { cases, leftOut = [] } = JSON.parse(message.slice(TALLY.length)) as Tally;
    // The test itself is one of them.
    row.cases += cases - 1;
    for (const { count, why } of leftOut) if (count > 0) addTo(row.leftOut, why, count);
  });
  const shown = events.compose(new spec());
  for await (const chunk of shown) process.stdout.write(withoutTallies(String(chunk)));
  row.seconds = Math.round((performance.now() - begun) / 1000);
  return row;
}

function addTo(reasons: Reasons, why: string, count: number): void {
  reasons.set(why, (reasons.get(why) ?? 0) + count);
}

function messageOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : String(error.cause ?? error.message);
}

function withoutTallies(text: string): string {
  return text
    .split("\n")
    .filter((line) => !line.includes(TALLY))
    .join("\n");
}

function tableOf(found: readonly Row[]): string {
  const lines = found.map(({ suite, cases, broken, seconds, skipped, leftOut }) => {
    const out = [...told(skipped, "skipped"), ...told(leftOut, "left out")];
    return [suite, `${cases}`, `${broken}`, `${seconds} s`, out.join("; ")];
  });
  const head = ["SUITE", "CASES", "BROKEN", "TIME", ""];
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)));
  const shown = [head, ...lines].map(([suite = "", ...cells]) => {
    const figures = cells.slice(0, 3).map((cell, at) => cell.padStart(widths[at + 1] ?? 0));
    return [suite.padEnd(widths[0] ?? 0), ...figures, cells[3]].join("  ").trimEnd();
  });
  return `\n${shown.join("\n")}\n${lastLine(found)}\n`;
}

/** As scripts/counted-tests.ts ends. */
function lastLine(found: readonly Row[]): string {
  const cases = sum(found.map((row) => row.cases));
  const broken = sum(found.map((row) => row.broken));
  const reasons: Reasons = new Map();
  for (const { skipped } of found) for (const [why, count] of skipped) addTo(reasons, why, count);
  const why = [...reasons].map(([reason, count]) => `${count}: ${reason}`).join("; ");
  const line = `${Math.max(cases - broken, 0)} passed, ${broken} failed, ${sum([...reasons.values()])} skipped`;
  return why === "" ? line : `${line} (${why})`;
}

function told(reasons: Reasons, how: string): string[] {
  return [...reasons].map(([why, count]) => `${how} ${count}: ${why}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
