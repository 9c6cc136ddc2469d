import { join } from "node:path";
import { type Json, membersOf, statusOf, type Tell, textOf } from "./reading.ts";

/** What `<engine>@hosts` is about. */
export interface Listed {
  readonly engine: string;
  /** The generation's, eight digits or more. */
  readonly number: string;
  readonly generation: Json;
  readonly manifest: Json;
}

/** Every deployment and every entry point of what is installed is listed, once, and nothing else. */
export function checkHostsIndex(home: string, path: string, listed: Listed, tell: Tell): void {
  const text = textOf(join(home, path));
  if (text === undefined) {
    tell(path, "is missing");
    return;
  }
  const [head = "", ...lines] = text.split("\n");
  if (lines.pop() !== "") tell(path, "is cut short");
  const { engine, number } = listed;
  const [, mode, deployments, entries] =
    new RegExp(`^enginery-hosts 1 ${number} ${engine} (scheduled|always|none) (\\d+) (\\d+)$`).exec(head) ?? [];
  if (mode === undefined) tell(path, "begins with another line");
  if (Number(deployments) + Number(entries) !== lines.length) tell(path, "has not the lines that it says");
  compare(path, lines.slice(0, Number(deployments)), deploymentLines(listed, mode), "deployment", tell);
  compare(path, lines.slice(Number(deployments)), entryLines(listed), "entry point", tell);
  for (const line of lines.slice(Number(deployments))) {
    const [version = "", , , kind, , ...file] = line.split(" ");
    const place = join("engines", engine, version, file.join(" "));
    if (kind !== "none" && !statusOf(join(home, place))?.isFile()) tell(place, "is missing, and hosts are told of it");
  }
}

function compare(path: string, found: readonly string[], wanted: readonly string[], what: string, tell: Tell): void {
  for (const line of wanted) if (!found.includes(line)) tell(path, `misses a ${what}: ${line}`);
  for (const line of found) if (!wanted.includes(line)) tell(path, `has a wrong ${what}: ${line}`);
  if (new Set(found).size !== found.length) tell(path, `has a ${what} twice`);
}

function deploymentLines({ engine, generation, manifest }: Listed, mode: string | undefined): string[] {
  const deployments = (membersOf(membersOf(manifest["engines"])[engine])["deployments"] ?? []) as Json[];
  const tree = (version: string) => {
    const here = installed(generation, engine).find((one) => one["version"] === version);
    return here === undefined || !isPromised(manifest, here) ? "-" : here["tree"];
  };
  if (mode === "always") {
    const version = deployments[0]?.["version"] ?? membersOf(generation["selections"])[engine];
    return [`any ${version} ${tree(version)}`];
  }
  return deployments.map(({ validFrom, version }) => `${validFrom} ${version} ${tree(version)}`);
}

function entryLines({ engine, generation, manifest }: Listed): string[] {
  return installed(generation, engine).flatMap((one) => {
    const start = `${one["version"]} ${one["tree"]} ${isPromised(manifest, one) ? "promised" : "other"}`;
    const entries = Object.entries(membersOf(one["entries"])) as [string, Json][];
    if (entries.length === 0) return [`${start} none - -`];
    const meant = entries.length === 1 ? entries[0] : entries.find(([name]) => name === engine);
    const all = meant === undefined ? entries : [["*", meant[1]] as const, ...entries];
    return all.map(([name, { kind, path, guard }]) => {
      return `${start} ${guard === undefined ? kind : `guarded-${kind}`} ${name} ${path}`;
    });
  });
}

function installed(generation: Json, engine: string): Json[] {
  return ((generation["installations"] ?? []) as Json[]).filter((one) => one["engine"] === engine);
}

/** A release that the manifest does not name, or not for this platform, promises nothing else. */
function isPromised(manifest: Json, { engine, version, platform, tree }: Json): boolean {
  const release = membersOf(membersOf(membersOf(membersOf(manifest["engines"])[engine])["releases"])[version]);
  const platforms = membersOf(release["platforms"]);
  const promised = membersOf(membersOf(platforms[platform] ?? platforms["any"])["tree"])["digest"];
  return promised === undefined || promised === tree;
}
