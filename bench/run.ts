// Enginery beside its peers, and each verb's cost against size: `npm run bench -- [PART...] [--rounds N] [--keep FOLDER] [--folder FOLDER]`.
// Writes bench/RESULTS.md and bench/plots. What one peer or part cannot do is told in its place; the others are measured all the same.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { refreshBuild } from "../scripts/fresh-build.ts";
import { measureSideBySide } from "./beside/side-by-side.ts";
import { commandsSection, limitsSection, verbSections } from "./beside/tables.ts";
import { ENGINERY } from "./channel.ts";
import { measureGrowth } from "./growth/growth.ts";
import { growthSections } from "./growth/table.ts";
import { describeMachine, load } from "./run/machine.ts";
import { type Options, readOptions, VERBS } from "./run/options.ts";
import { RESULTS, type Section, writeSections } from "./run/results.ts";
import { endAllStarted, openShell } from "./run/shell.ts";

/** After so long no repository is made any more, no round begun; by minutes since the start. */
const UNTIL = { published: 8, rounds: 13, all: 40 };
const GROWTH_MINUTES = 24;
const PROGRAM_MINUTES = 6;

const options = readOptions(process.argv.slice(2));
const root = join(import.meta.dirname, "..");
const work = mkdtempSync(join(resolve(options.folder ?? tmpdir()), "enginery-bench-"));
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
setTimeout(stopLate, UNTIL.all * 60_000).unref();
try {
  await measureAll();
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function measureAll(): Promise<void> {
  buildOnce();
  const begun = load();
  const parts: readonly (readonly [wanted: boolean, measure: () => Promise<readonly Section[]>])[] = [
    [VERBS.some((verb) => options.parts.has(verb)), () => sideBySide(options)],
    [options.parts.has("start"), async () => [programSection("start", "Start-up", "startup.ts", ["31"])]],
    [
      options.parts.has("single-file"),
      async () => [programSection("single-file", "Single file", "single-file.ts", ["31"])],
    ],
    [options.parts.has("launcher"), async () => [programSection("launcher", "Launcher", "launcher.ts", ["200"])]],
  ];
  for (const [wanted, measure] of parts) if (wanted) await measureOne(measure, begun);
  // of an axis its load is told beside it
  if (options.parts.has("growth")) await measureOne(growth);
  tell(`written: ${RESULTS}`);
}

/** One part that fails takes no other with it. */
async function measureOne(measure: () => Promise<readonly Section[]>, begun?: string): Promise<void> {
  try {
    const sections = await measure();
    writeSections(begun === undefined ? sections : [...sections, machineSection(begun)]);
  } catch (error) {
    tell(`failed: ${error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = 1;
  }
}

async function growth(): Promise<readonly Section[]> {
  const until = performance.now() + GROWTH_MINUTES * 60_000;
  await measureGrowth({ work, enginery: ENGINERY, wanted: options.axes, until, tell });
  return growthSections();
}

async function sideBySide(asked: Options): Promise<readonly Section[]> {
  const kept = resolve(asked.keep ?? join(work, "kept"));
  mkdirSync(kept, { recursive: true });
  const until = { published: UNTIL.published * 60_000, rounds: UNTIL.rounds * 60_000 };
  const result = await measureSideBySide(
    { shell: openShell(work), kept, rounds: work, enginery: ENGINERY, until, tell },
    asked,
  );
  const whole = VERBS.every((verb) => asked.parts.has(verb));
  return [...verbSections(result, asked), commandsSection(result), ...(whole ? [limitsSection(result)] : [])];
}

/** What a program beside this one prints is its section. */
function programSection(name: string, title: string, file: string, args: readonly string[]): Section {
  const done = spawnSync(process.execPath, [join(import.meta.dirname, file), ...args], {
    encoding: "utf8",
    timeout: PROGRAM_MINUTES * 60_000,
    env: { ...process.env, PATH: pathWithPeers() },
  });
  const why = done.error?.message ?? done.stderr.trim().split("\n").at(-1) ?? "";
  const text = done.status === 0 ? done.stdout : `failed: ${why.replaceAll(/(\/[\w.@+:-]+){2,}/g, "…")}`;
  return { name, text: `## ${title}\n\n\`node bench/${file} ${args.join(" ")}\`: ${text}` };
}

/** mise, where it was laid out for the verbs. */
function pathWithPeers(): string {
  const kept = resolve(options.keep ?? join(work, "kept"));
  return `${join(kept, "peers", "npm", "node_modules", ".bin")}:${process.env["PATH"] ?? ""}`;
}

function machineSection(begun: string): Section {
  const lines = describeMachine(work).map((line) => `- ${line}`);
  const rounds = `- ${options.rounds} rounds of each verb; load when it began ${begun}, at its end ${load()}; times include what else the machine did`;
  return { name: "machine", text: ["## Machine", "", ...lines, rounds].join("\n") };
}

function buildOnce(): void {
  if (existsSync(join(root, "dist", "main.js"))) {
    refreshBuild();
    return;
  }
  const { status } = spawnSync(process.execPath, ["scripts/build.ts"], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error("The build failed.");
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function stop(): void {
  endAllStarted();
  rmSync(work, { recursive: true, force: true });
  process.exit(130);
}

/** What is written by then stays. */
function stopLate(): void {
  tell("stopped: the time is over");
  stop();
}
