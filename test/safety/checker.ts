/**
 * An independent look at a home, written from docs/LAYOUT.md alone: it shares no code with src/ and imports nothing but node:*.
 * `node test/safety/checker.ts HOME` prints what is wrong, a line each, and exits 1 where anything is.
 */
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkInstallation, checkInstallations } from "./checker/installation.ts";
import { checkNames } from "./checker/names.ts";
import { isWhole, type Json, listOf, membersOf, recordAt, sha256, spell, statusOf, textOf } from "./checker/reading.ts";
import { checkRoots, outsideLeases, type Rooted, rootedIn } from "./checker/roots.ts";
import { checkViews } from "./checker/views.ts";

export interface Looked {
  /** What is wrong, a sentence each, beginning with a path below the home. */
  readonly problems: readonly string[];
  /** Number of the newest generation; undefined before the first commit. */
  readonly newest: number | undefined;
  /** What a gc root keeps here, for a look at the same home later. */
  readonly rooted: readonly Rooted[];
}

/** Checks the four invariants of SAFETY.md. `before`: what was rooted earlier; what still is must still be there. */
export function lookAt(home: string, before: readonly Rooted[] = []): Looked {
  const problems: string[] = [];
  const tell = (path: string, what: string) => problems.push(`${path} ${what}`);
  if (statusOf(home) === undefined) return { problems, newest: undefined, rooted: [] };
  checkNames(home, tell);
  const generations = numbersOf(home);
  const newest = generations.at(-1);
  if (statusOf(join(home, "VERSION")) === undefined) checkUnmade(home, tell);
  else if (!/^[12]\n$/.test(textOf(join(home, "VERSION")) ?? "")) tell("VERSION", "says no layout that is known");
  else if (textOf(join(home, "VERSION")) === "2\n" && outsideLeases(home) === undefined)
    tell("LEASES", "names no folder, and the layout says that leases lie there");
  for (const number of generations) checkGeneration(home, number, tell);
  checkInstallations(home, tell);
  const record = newest === undefined ? undefined : recordAt(home, `generations/${nameOf(newest)}`);
  if (record === undefined) checkNothingVisible(home, tell);
  else {
    checkTrust(home, record, tell);
    checkViews(home, record, tell);
  }
  checkRoots(home, before, record, tell);
  return { problems, newest, rooted: rootedIn(home, record) };
}

type Tell = (path: string, what: string) => void;

function nameOf(number: number): string {
  return `${String(number).padStart(8, "0")}.json`;
}

function numbersOf(home: string): number[] {
  const names = listOf(join(home, "generations")).flatMap((name) => /^(\d{8,15})\.json$/.exec(name)?.[1] ?? []);
  return names.map(Number).sort((a, b) => a - b);
}

/** VERSION is the last file of a new home: without it nothing is there to be seen. */
function checkUnmade(home: string, tell: Tell): void {
  if (numbersOf(home).length > 0) tell("generations", "holds a generation, and there is no VERSION");
  const there = listOf(home);
  if (there.length > 0 && !there.includes("CREATING")) tell("VERSION", "is missing, and nothing says CREATING");
  for (const folder of ["engines", "pins", "index", "bin", "lib"]) {
    if (listOf(join(home, folder)).length > 0) tell(folder, "holds something before there is a VERSION");
  }
}

/** Before the first commit no engine is to be seen by way of a launcher or a link. */
function checkNothingVisible(home: string, tell: Tell): void {
  for (const folder of ["bin", "lib"]) {
    if (listOf(join(home, folder)).length > 0) tell(folder, "holds something before the first generation");
  }
}

/** Every generation that is there is readable, and all that it names is there and whole. */
function checkGeneration(home: string, number: number, tell: Tell): void {
  const path = `generations/${nameOf(number)}`;
  const record = recordAt(home, path);
  if (record === undefined) {
    tell(path, "cannot be read");
    return;
  }
  const { checksum, ...rest } = record;
  if (record["number"] !== number) tell(path, "says another number");
  if (checksum !== sha256(spell(rest))) tell(path, "has a checksum that is not its own");
  const manifest = membersOf(record["manifest"]);
  const file = join("manifests", `${manifest["sha256"]}.json`);
  if (!isWhole(join(home, file), String(manifest["sha256"])))
    tell(file, `is not whole, and generation ${number} names it`);
  else if (recordAt(home, file)?.["serial"] !== manifest["serial"])
    tell(file, "has another serial than its generation");
  const set = join("trust", String(record["trustSet"]).padStart(8, "0"));
  if (listOf(join(home, set)).length === 0) tell(set, `is missing, and generation ${number} names it`);
  const names = new Set<string>();
  for (const installation of (record["installations"] as Json[]) ?? []) {
    names.add(`${installation["engine"]}@${installation["version"]}`);
    checkInstallation(home, installation, number, tell);
  }
  if (names.size !== record["installations"]?.length) tell(path, "names a release twice");
}

/** The set holds a chain of JSON: timestamp names the snapshot, that the targets, and those this very manifest. */
function checkTrust(home: string, record: Json, tell: Tell): void {
  const set = join("trust", String(record["trustSet"]).padStart(8, "0"));
  const signed = (name: string) => membersOf(recordAt(home, join(set, name))?.["signed"]);
  const meta = (name: string, of: string) => membersOf(membersOf(signed(name)["meta"])[of]);
  for (const name of listOf(join(home, set)))
    if (Object.keys(signed(name)).length === 0) tell(join(set, name), "cannot be read");
  for (const [pointer, file] of [
    ["timestamp.json", "snapshot.json"],
    ["snapshot.json", "targets.json"],
  ] as const) {
    const hash = membersOf(meta(pointer, file)["hashes"])["sha256"];
    if (hash === undefined || !isWhole(join(home, set, file), String(hash)))
      tell(join(set, file), `is not what ${pointer} names`);
  }
  const target = membersOf(membersOf(signed("targets.json")["targets"])[`channels/${record["channel"]}.json`]);
  if (membersOf(target["hashes"])["sha256"] !== membersOf(record["manifest"])["sha256"]) {
    tell(join(set, "targets.json"), "does not sign the manifest of the newest generation");
  }
}

if (
  process.argv[1] !== undefined &&
  basename(process.argv[1]) === "checker.ts" &&
  process.argv[1] === fileURLToPath(import.meta.url)
) {
  const { problems } = lookAt(process.argv[2] ?? "");
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
