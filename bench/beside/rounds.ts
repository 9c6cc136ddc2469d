import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { VERBS, type Verb } from "../run/options.ts";
import type { Served } from "../run/served.ts";
import type { Cost, Environment, Shell } from "../run/shell.ts";
import type { Peer } from "./peer.ts";

const SECONDS_OF_A_WAY = 60;

export interface Turn extends Cost {
  /** Which round it was of: ratios are made within one. */
  readonly round: number;
  /** Sent by the server meanwhile. */
  readonly bytes: number;
  readonly requests: number;
}

export interface Measured {
  readonly peer: Peer;
  readonly verb: Verb;
  readonly turns: readonly Turn[];
  /** Why there are no more turns of it. */
  readonly failed: string | undefined;
}

export interface Rounds {
  readonly shell: Shell;
  readonly served: Served;
  /** Where rounds have their folders. */
  readonly folder: string;
  readonly peers: readonly Peer[];
  readonly last: Verb;
  readonly count: number;
  readonly envOf: (peer: Peer) => Environment;
  /** No round is begun after it; by `performance.now`. */
  readonly until: number;
  readonly tell: (line: string) => void;
}

/**
 * Each round is a life: every peer in turn installs, then every peer in turn verifies, and so on to the last verb that was asked for. So
 * whatever else the machine does falls on all of them alike, and a verb finds what the one before has left.
 */
export async function runRounds(rounds: Rounds): Promise<readonly Measured[]> {
  const all = VERBS.slice(0, VERBS.indexOf(rounds.last) + 1).flatMap((verb) =>
    rounds.peers.flatMap((peer) => (peer.verbs[verb] === undefined ? [] : [newRow(peer, verb)])),
  );
  for (let round = 0; round < rounds.count; round += 1) {
    if (round > 0 && performance.now() > rounds.until) {
      rounds.tell(`stopped after ${round} rounds: the time is over`);
      break;
    }
    const folder = join(rounds.folder, `round-${round}`);
    for (const peer of rounds.peers) mkdirSync(join(folder, nameOf(peer)), { recursive: true });
    try {
      for (const row of all) await takeTurn(rounds, row, all, round, folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    rounds.tell(`round ${round + 1} of ${rounds.count} done`);
  }
  return all;
}

interface Row extends Measured {
  readonly turns: Turn[];
  failed: string | undefined;
}

function newRow(peer: Peer, verb: Verb): Row {
  return { peer, verb, turns: [], failed: undefined };
}

async function takeTurn(rounds: Rounds, row: Row, all: readonly Row[], round: number, folder: string): Promise<void> {
  const { shell, served } = rounds;
  const { peer, verb } = row;
  // a verb stands on those before it
  const before = all.find((other) => other.peer === peer && other.failed !== undefined);
  if (before !== undefined) {
    row.failed ??= `not run: its ${before.verb} failed`;
    return;
  }
  const way = peer.verbs[verb];
  if (way === undefined) return;
  const env = { ...rounds.envOf(peer), HERE: join(folder, nameOf(peer)) };
  try {
    if (way.before !== undefined) await shell.run(`cd "$HERE"; ${way.before}`, env, SECONDS_OF_A_WAY);
    // what the one before left to be written is not for this one to wait for
    await shell.run('sync -f "$HERE"', env, SECONDS_OF_A_WAY);
    await served.sent();
    const cost = await shell.measure(`cd "$HERE"; ${way.command}`, env, SECONDS_OF_A_WAY);
    row.turns.push({ round, ...cost, ...(await served.sent()) });
  } catch (error) {
    row.failed = `failed: ${(error as Error).message}`;
    rounds.tell(`${nameOf(peer)} ${verb} ${row.failed}`);
  }
}

/** A folder's name for it. */
export function nameOf(peer: Peer): string {
  return peer.name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
