import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { install } from "../../../src/ops/install.ts";
import type { UpgradeResult } from "../../../src/ops/operator.ts";
import { upgrade } from "../../../src/ops/upgrade.ts";
import { type Answer, type FaultyServer, serving, startServer } from "../../adapters/support/faulty-server.ts";
import { homeOf, installRequest, upgradeRequest } from "../../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../../support/toy-channel.ts";

/** 1.0.0 is installed from a server; 2.0.0 is published beside it, with a delta from 1.0.0. */
export interface DeltaScene extends AsyncDisposable {
  readonly world: TestWorld;
  readonly channel: ToyChannel;
  readonly server: FaultyServer;
  /** What the server answers in place of the file of that path. */
  readonly instead: Record<string, Answer>;
  /** What was told beside the results. */
  readonly notes: string[];
  /** The one delta's path on the server. */
  readonly deltaPath: string;
  readonly deltaBytes: Buffer;
  readonly archiveBytes: number;
  /** Path within the home. */
  installed(version: string, path: string): string;
  upgrade(more?: Parameters<typeof upgradeRequest>[1]): Promise<UpgradeResult>;
  /** Paths asked for below that folder, since the scene began. */
  asked(folder: string): readonly string[];
}

/** Text that does not compress away, the same for a seed; a little of it is another one with `change`. */
export function noise(seed: string, bytes: number, change = ""): string {
  let text = "";
  for (let line = 0; text.length < bytes; line += 1) {
    const salt = line % 97 === 5 ? change : "";
    text += `${createHash("sha512").update(`${seed} ${line} ${salt}`).digest("base64")}\n`;
  }
  return text;
}

export const FIRST = { "share/data": noise("data", 80_000), "share/same": noise("same", 40_000) };
export const SECOND = {
  "share/data": noise("data", 80_000, "changed"),
  "share/same": noise("same", 40_000),
  "share/twin": noise("same", 40_000),
  "share/empty": "",
};

export async function deltaScene(): Promise<DeltaScene> {
  const notes: string[] = [];
  const world = makeTestWorld({
    reporter: {
      note: (message) => void notes.push(message),
      warn: (_, message) => void notes.push(message),
      progress: () => ({ advance: () => undefined, [Symbol.dispose]: () => undefined }),
    },
  });
  const channel = await makeToyChannel(world);
  const { repository } = channel;
  const instead: Record<string, Answer> = {};
  const server = await startServer(servingFolder(repository, instead));
  await channel.release("toy", "1.0.0", { files: FIRST });
  await channel.deploy("toy", "1.0.0", 0);
  await channel.publish();
  await install(world, installRequest(world, channel, { from: server.base }));
  await channel.release("toy", "2.0.0", { files: SECOND, deltas: 2 });
  await channel.deploy("toy", "2.0.0", 100);
  await channel.publish();
  server.requests.length = 0;
  const [delta = ""] = readdirSync(join(repository, "deltas"));
  return {
    world,
    channel,
    server,
    instead,
    notes,
    deltaPath: `/deltas/${delta}`,
    deltaBytes: readFileSync(join(repository, "deltas", delta)),
    archiveBytes: Math.max(
      ...readdirSync(join(repository, "archives")).map((name) => statSync(join(repository, "archives", name)).size),
    ),
    installed: (version, path) => join(homeOf(world), "engines", "toy", version, path),
    upgrade: async (more = {}) => await upgrade(world, upgradeRequest(world, more)),
    asked: (folder) => server.requests.map(({ path }) => path).filter((path) => path.startsWith(`/${folder}/`)),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      world[Symbol.dispose]();
    },
  };
}

/** Any file of a folder, as it is when it is asked for. */
function servingFolder(folder: string, instead: Readonly<Record<string, Answer>>): Readonly<Record<string, Answer>> {
  return new Proxy(instead, {
    get: (_, path: string) => {
      const file = join(folder, path);
      return instead[path] ?? (existsSync(file) && statSync(file).isFile() ? serving(readFileSync(file)) : undefined);
    },
  });
}
