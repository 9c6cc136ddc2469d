import { join } from "node:path";
import { isWhole, type Json, listOf, membersOf, recordAt, statusOf } from "./reading.ts";

/**
 * An independent look at a publisher's repository as a client walks it: timestamp, snapshot, targets, manifests and all that they name are
 * there with the bytes that they promise. Answers what is wrong, and the serial of each channel.
 */
export function lookAtRepository(folder: string): {
  readonly problems: string[];
  readonly serials: Readonly<Record<string, number>>;
} {
  const problems: string[] = [];
  const serials: Record<string, number> = {};
  const signed = (path: string) => membersOf(recordAt(folder, path)?.["signed"]);
  const require = (path: string, { sha256, bytes }: Json) => {
    if (!isWhole(join(folder, path), sha256)) problems.push(`${path} is not what is signed`);
    else if (bytes !== undefined && statusOf(join(folder, path))?.size !== bytes)
      problems.push(`${path} has another size`);
  };
  const follow = (pointer: string, of: string): string => {
    const meta = membersOf(membersOf(signed(pointer)["meta"])[of]);
    const path = `metadata/${meta["version"]}.${of}`;
    require(path, { sha256: membersOf(meta["hashes"])["sha256"], bytes: meta["length"] });
    return path;
  };

  for (const name of listOf(join(folder, "metadata"))) {
    if (!/^(\d+\.(root|targets|snapshot)|timestamp)\.json$/.test(name))
      problems.push(`metadata/${name} is no name of a role`);
    else if (Object.keys(signed(`metadata/${name}`)).length === 0) problems.push(`metadata/${name} cannot be read`);
  }
  const roots = listOf(join(folder, "metadata")).flatMap((name) => /^(\d+)\.root\.json$/.exec(name)?.[1] ?? []);
  if (roots.map(Number).some((version) => version > roots.length))
    problems.push("metadata misses a version of the root");
  const targets = follow(follow("metadata/timestamp.json", "snapshot.json"), "targets.json");
  for (const [path, { hashes, length }] of Object.entries(membersOf(signed(targets)["targets"])) as [string, Json][]) {
    const channel = /^channels\/(.*)\.json$/.exec(path)?.[1] ?? "";
    const manifest = `targets/channels/${hashes["sha256"]}.${channel}.json`;
    require(manifest, { sha256: hashes["sha256"], bytes: length });
    require(`manifests/${hashes["sha256"]}.json`, { sha256: hashes["sha256"] });
    const record = recordAt(folder, manifest);
    serials[channel] = record?.["serial"];
    for (const { archive, pieces, tree } of platformsOf(record)) {
      require(`archives/${archive["sha256"]}.${archive["format"]}`, archive);
      require(`pieces/${pieces["sha256"]}.json.zst`, pieces);
      require(`trees/${tree["sha256"]}.json.zst`, tree);
    }
  }
  return { problems, serials };
}

function platformsOf(manifest: Json | undefined): readonly Json[] {
  const engines = Object.values(membersOf(manifest?.["engines"])) as Json[];
  const releases = engines.flatMap(({ releases }) => Object.values(releases as Json) as Json[]);
  return releases.flatMap(({ platforms }) => Object.values(platforms as Json) as Json[]);
}
