import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment, Shell } from "../run/shell.ts";
import type { Peer } from "./peer.ts";
import { nameOf } from "./rounds.ts";

/** Compressing at the highest level takes its time. */
const SECONDS = 600;
/** As many as a small machine has cores. */
const AT_ONCE = 2;

interface Publisher {
  readonly shell: Shell;
  readonly folder: string;
  readonly envOf: (peer: Peer) => Environment;
  /** None is begun after it. */
  readonly until: number;
  readonly tell: (line: string) => void;
}

/** Makes every peer's repository that is not there from a run before. Answers those that failed, and why. */
export async function publishAll(publisher: Publisher, peers: readonly Peer[]): Promise<ReadonlyMap<Peer, string>> {
  const failed = new Map<Peer, string>();
  const waiting = peers.filter((peer) => peer.publish !== undefined);
  const work = async () => {
    for (let peer = waiting.shift(); peer !== undefined; peer = waiting.shift()) {
      try {
        await publish(publisher, peer);
      } catch (error) {
        failed.set(peer, `failed: publishing: ${(error as Error).message}`);
        publisher.tell(`${nameOf(peer)} ${failed.get(peer)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failed;
}

async function publish({ shell, folder, envOf, until, tell }: Publisher, peer: Peer): Promise<void> {
  const own = join(folder, nameOf(peer));
  const done = `${own}.done`;
  if (existsSync(done)) return;
  if (performance.now() > until) throw new Error("the time was over");
  for (const left of [own, `${own}-keys`, `${own}-publisher`]) rmSync(left, { recursive: true, force: true });
  mkdirSync(own, { recursive: true });
  const start = performance.now();
  await shell.run(`cd "$PUB"\n${peer.publish}`, envOf(peer), SECONDS);
  writeFileSync(done, "");
  tell(`${nameOf(peer)} published in ${((performance.now() - start) / 1000).toFixed(0)} s`);
}
