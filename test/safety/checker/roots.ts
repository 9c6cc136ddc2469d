import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Json, listOf, membersOf, recordAt, statusOf, type Tell, textOf } from "./reading.ts";

/** An installation and what keeps it. */
export interface Rooted {
  readonly engine: string;
  readonly version: string;
  readonly tree: string;
  /** `pin TENANT`, `deployment EPOCH`, `lease ID`, `selected`. */
  readonly by: string;
}

/**
 * What is installed and kept by more than a generation's word: pins, selections, living leases, deployments in effect and pending at the
 * epoch last seen (with none seen, all). Generations are looked at by themselves.
 */
export function rootedIn(home: string, record: Json | undefined): readonly Rooted[] {
  return rootsOf(home, record).flatMap((root) => {
    const tree = recordAt(home, join("engines", root.engine, root.version, "SEAL.json"))?.["tree"];
    return typeof tree === "string" ? [{ ...root, tree }] : [];
  });
}

/** What was installed and rooted before, and is rooted still, is installed still, with the same bytes. */
export function checkRoots(home: string, before: readonly Rooted[], record: Json | undefined, tell: Tell): void {
  const roots = new Set(rootsOf(home, record).map(spelled));
  for (const root of before) {
    if (!roots.has(spelled(root))) continue;
    const place = join("engines", root.engine, root.version);
    if (recordAt(home, join(place, "SEAL.json"))?.["tree"] !== root.tree)
      tell(place, `is gone, and ${root.by} keeps it`);
  }
}

type Root = Omit<Rooted, "tree">;

function spelled({ engine, version, by }: Root): string {
  return `${engine}@${version} ${by}`;
}

function rootsOf(home: string, record: Json | undefined): readonly Root[] {
  const selected = Object.entries(membersOf(record?.["selections"])).map(([engine, version]) => ({
    engine,
    version: String(version),
    by: "selected",
  }));
  return [...pinned(home), ...leased(home), ...deployed(home, record), ...selected];
}

function pinned(home: string): readonly Root[] {
  return listOf(join(home, "pins")).flatMap((shard) =>
    listOf(join(home, "pins", shard)).flatMap((name) => {
      const pin = recordAt(home, join("pins", shard, name));
      return pin === undefined ? [] : [{ engine: pin["engine"], version: pin["version"], by: `pin ${pin["tenant"]}` }];
    }),
  );
}

/** The folder that LEASES names; undefined where it names none. */
export function outsideLeases(home: string): string | undefined {
  return /^(\/[^\n]+)\n$/.exec(textOf(join(home, "LEASES")) ?? "")?.[1];
}

function leased(home: string): readonly Root[] {
  const outside = outsideLeases(home);
  return [...leasedIn(home, "leases"), ...(outside === undefined ? [] : leasedIn(outside, "."))];
}

function leasedIn(home: string, folder: string): readonly Root[] {
  return listOf(join(home, folder)).flatMap((name) => {
    const lease = name.endsWith(".json") ? recordAt(home, join(folder, name)) : undefined;
    if (lease === undefined || startedOf(lease["pid"]) !== lease["started"]) return [];
    return [{ engine: lease["engine"], version: lease["version"], by: `lease ${name}` }];
  });
}

/** Field 22 of /proc/PID/stat. */
function startedOf(pid: unknown): string | undefined {
  if (statusOf(`/proc/${pid}/stat`) === undefined) return undefined;
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}

function deployed(home: string, record: Json | undefined): readonly Root[] {
  const manifest = recordAt(home, join("manifests", `${membersOf(record?.["manifest"])["sha256"]}.json`));
  const epoch: unknown = recordAt(home, "clock/observed.json")?.["epoch"];
  return Object.entries(membersOf(manifest?.["engines"])).flatMap(([engine, { deployments }]) => {
    const past = (deployments as Json[])
      .map(({ validFrom }) => validFrom as number)
      .filter((from) => from <= Number(epoch));
    const begin = typeof epoch === "number" ? Math.max(-1, ...past) : -1;
    const kept = (deployments as Json[]).filter(({ validFrom }) => validFrom >= begin);
    return kept.map(({ version, validFrom }) => ({ engine, version, by: `deployment ${validFrom}` }));
  });
}
