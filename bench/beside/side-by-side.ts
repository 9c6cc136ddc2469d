import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Options, VERBS, type Verb } from "../run/options.ts";
import { serveFolder } from "../run/served.ts";
import type { Environment, Shell } from "../run/shell.ts";
import { layOutPeers, type Means } from "./means.ts";
import { makePayload, NEW, OLD, type Payload } from "./payload.ts";
import type { Peer } from "./peer.ts";
import { CASYNC } from "./peers/casync.ts";
import { ENGINERY } from "./peers/enginery.ts";
import { MISE } from "./peers/mise.ts";
import { NIX_STORE } from "./peers/nix.ts";
import { OSTREE } from "./peers/ostree.ts";
import { CURL, NODE, OPENSSL, PATCH } from "./peers/plain.ts";
import { PNPM } from "./peers/pnpm.ts";
import { publishAll } from "./publish.ts";
import { type Measured, nameOf, runRounds } from "./rounds.ts";

const ALL: readonly Peer[] = [NODE, CURL, ENGINERY, PATCH, OPENSSL, OSTREE, NIX_STORE, CASYNC, MISE, PNPM];
/** Whose repositories take longest are begun first. */
const SLOWEST: readonly Peer[] = [ENGINERY, OSTREE];

export interface SideBySide {
  readonly payload: Payload;
  readonly versions: ReadonlyMap<Peer, string>;
  /** Peers that took no part, and why. */
  readonly absent: ReadonlyMap<Peer, string>;
  readonly measured: readonly Measured[];
}

export interface Place {
  readonly shell: Shell;
  /** Payload, peers and repositories. */
  readonly kept: string;
  /** Fresh folders of the rounds. */
  readonly rounds: string;
  readonly enginery: string;
  /** After which no repository is made, and no round begun; by `performance.now`. */
  readonly until: { readonly published: number; readonly rounds: number };
  readonly tell: (line: string) => void;
}

export async function measureSideBySide(place: Place, options: Options): Promise<SideBySide> {
  const { shell, kept, tell } = place;
  const means = await layOutPeers(shell, join(kept, "peers"));
  const payload = await makePayload(shell, join(kept, "payload"));
  tell(`payload: ${payload.files} files, ${payload.bytes} bytes`);
  const folder = join(kept, "served");
  mkdirSync(folder, { recursive: true });
  const served = await serveFolder(folder);
  try {
    const envOf = (peer: Peer) => environmentOf(peer, place, means, served.url);
    const absent = absentOf(means);
    const there = ALL.filter((peer) => !absent.has(peer));
    for (const [peer, why] of await publishAll(
      { shell, folder, envOf, until: place.until.published, tell },
      slowestFirst(there),
    ))
      absent.set(peer, why);
    const versions = await versionsOf(shell, there, envOf);
    const peers = there.filter((peer) => !absent.has(peer));
    const last = VERBS.findLast((verb) => options.parts.has(verb)) as Verb;
    const { rounds } = place;
    const measured = await runRounds({
      shell,
      served,
      folder: rounds,
      peers,
      last,
      count: options.rounds,
      envOf,
      until: place.until.rounds,
      tell,
    });
    return { payload, versions, absent, measured };
  } finally {
    served.close();
  }
}

function slowestFirst(peers: readonly Peer[]): readonly Peer[] {
  return peers.toSorted((one, other) => Number(SLOWEST.includes(other)) - Number(SLOWEST.includes(one)));
}

function absentOf({ missing }: Means): Map<Peer, string> {
  return new Map(
    ALL.flatMap((peer) => {
      const reasons = peer.needs.flatMap((program) => missing(program) ?? []);
      return reasons.length === 0 ? [] : [[peer, `missing: ${reasons[0]}`] as const];
    }),
  );
}

function environmentOf(peer: Peer, { kept, enginery }: Place, { env }: Means, url: string): Environment {
  const { PEER_LIBRARIES = "", ...others } = env;
  const payload = join(kept, "payload");
  return {
    ...others,
    ...(peer.ownLibraries === true && PEER_LIBRARIES !== "" ? { LD_LIBRARY_PATH: PEER_LIBRARIES } : {}),
    ENGINERY: enginery,
    NODE: process.execPath,
    TARS: payload,
    OLD: join(payload, OLD),
    NEW: join(payload, NEW),
    PUB: join(kept, "served", nameOf(peer)),
    URL: `${url}/${nameOf(peer)}`,
    BASE: url,
    // nobody's settings
    HOME: join(kept, "peers"),
    XDG_CACHE_HOME: join(kept, "peers", "cache"),
    XDG_CONFIG_HOME: join(kept, "peers", "config"),
    XDG_DATA_HOME: join(kept, "peers", "data"),
  };
}

async function versionsOf(shell: Shell, peers: readonly Peer[], envOf: (peer: Peer) => Environment) {
  const versions = new Map<Peer, string>();
  for (const peer of peers) {
    const said = await shell.run(peer.version, envOf(peer), 20).catch(() => "unknown");
    versions.set(peer, said.trim().split("\n").join(", "));
  }
  return versions;
}
