import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { checkHostsIndex } from "./hosts.ts";
import { type Json, listOf, membersOf, recordAt, statusOf, type Tell, textOf } from "./reading.ts";

/** The launchers' index of the newest generation is there and tells the truth; launchers and links lead to what is there. */
export function checkViews(home: string, record: Json, tell: Tell): void {
  const number = String(record["number"]).padStart(8, "0");
  const folder = join("index", `${number}.${record["operation"]}`);
  const manifest = recordAt(home, join("manifests", `${membersOf(record["manifest"])["sha256"]}.json`));
  const installed = (record["installations"] ?? []) as Json[];
  if (!statusOf(join(home, folder))?.isDirectory()) tell(folder, "is missing, and it is the newest generation's");
  for (const engine of new Set(installed.map((installation) => installation["engine"] as string))) {
    checkIndex(
      home,
      join(folder, engine),
      { engine, number },
      membersOf(membersOf(manifest?.["engines"])[engine]),
      installed,
      tell,
    );
  }
  for (const engine of enginesOf(record, manifest)) {
    const listed = { engine, number, generation: record, manifest: membersOf(manifest) };
    checkHostsIndex(home, join(folder, `${engine}@hosts`), listed, tell);
  }
  for (const name of listOf(join(home, "bin"))) checkLauncher(home, name, tell);
  for (const name of listOf(join(home, "lib"))) checkLink(home, name, tell);
}

function enginesOf(record: Json, manifest: Json | undefined): ReadonlySet<string> {
  const installed = ((record["installations"] ?? []) as Json[]).map(({ engine }) => engine as string);
  return new Set([...Object.keys(membersOf(manifest?.["engines"])), ...installed]);
}

function checkIndex(
  home: string,
  path: string,
  { engine, number }: { engine: string; number: string },
  scheduled: Json,
  installed: readonly Json[],
  tell: Tell,
): void {
  const text = textOf(join(home, path));
  if (text === undefined) {
    tell(path, "is missing");
    return;
  }
  if (!text.endsWith("\n")) tell(path, "is cut short");
  const [head = "", ...lines] = text.split("\n").slice(0, -1);
  if (!head.startsWith(`enginery-index 1 ${number} ${engine} `)) tell(path, "begins with another line");
  const deployed = ((scheduled["deployments"] ?? []) as Json[]).map(
    ({ validFrom, version }) => `${validFrom} ${version}`,
  );
  const listed = new Set(lines.map((line) => line.split(" ").slice(0, 2).join(" ")));
  const [, extent, count] = / (all|newest) (\d+)$/.exec(head) ?? [];
  if (Number(count) !== lines.length) tell(path, `has ${lines.length} lines, and says ${count}`);
  if (extent === "all" && head.includes(" scheduled ")) {
    for (const one of deployed) if (!listed.has(one)) tell(path, `leaves out the deployment ${one}`);
  }
  for (const line of lines) checkIndexLine(home, path, engine, line, installed, tell);
}

function checkIndexLine(
  home: string,
  path: string,
  engine: string,
  line: string,
  installed: readonly Json[],
  tell: Tell,
): void {
  const [, version = "", isThere, tree, entry, ...file] = line.split(" ");
  const here = installed.find((one) => one["engine"] === engine && one["version"] === version);
  if (!(here === undefined ? ["0"] : ["1", "2"]).includes(isThere ?? "")) {
    tell(path, `is wrong on whether ${version} is installed`);
    return;
  }
  if (here === undefined || entry === "-") return;
  if (here["tree"] !== tree) tell(path, `has another tree for ${version}`);
  const program = join("engines", engine, version, file.join(" "));
  if (((statusOf(join(home, program))?.mode ?? 0) & 0o111) === 0)
    tell(program, "is nothing to execute, and the index names it");
}

function checkLauncher(home: string, name: string, tell: Tell): void {
  const path = join("bin", name);
  const text = textOf(join(home, path)) ?? "";
  const value = (variable: string) => new RegExp(`^enginery_${variable}='(.*)'$`, "m").exec(text)?.[1];
  const engine = value("engine") ?? "";
  if (!text.startsWith("#!/bin/sh\n") || !text.endsWith("\n") || !text.includes("\nenginery_main "))
    tell(path, "is not whole");
  if (value("home") !== home) tell(path, `is of the home ${value("home")}`);
  if (listOf(join(home, "engines", engine)).length === 0) tell(path, `starts ${engine}, of which nothing is installed`);
}

function checkLink(home: string, name: string, tell: Tell): void {
  const path = join("lib", name);
  if (!statusOf(join(home, path))?.isSymbolicLink()) return;
  const aim = readlinkSync(join(home, path));
  if (!aim.startsWith("../engines/")) tell(path, `leads out of engines/: ${aim}`);
  if (!statusOf(join(home, "lib", aim))?.isFile()) tell(path, `leads to ${aim}, which is not there`);
}
