import assert from "node:assert/strict";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { answer, enginery, sound, told } from "./support/command.ts";
import { HERMES_VERSIONS, pathOf, preparedEngines, reasonToSkip } from "./support/engines.ts";
import { contentOf, folderOf, temporaryFolder } from "./support/folders.ts";
import { Publisher } from "./support/publisher.ts";
import { type StaticServer, serveFolder } from "./support/static-server.ts";

const { hermes } = preparedEngines();
const [OLDER, NEWER] = HERMES_VERSIONS.slice(-2) as [string, string];
const skip = reasonToSkip(hermes[OLDER], hermes[NEWER]);

interface Upgraded {
  readonly deltas: number;
  readonly downloadedBytes: number;
  readonly ways: readonly { readonly way: string; readonly downloadBytes: number }[];
}

describe(`Hermes ${OLDER} to ${NEWER} from npm, by a delta`, { skip }, () => {
  const folder = temporaryFolder();
  const publisher = new Publisher(folder, "deltas");
  let root: string;
  let archiveBytes = 0;

  before(async () => {
    root = (await publisher.init()).root.path;
    const add = async (version: string, words: readonly string[]) => {
      const tree = folderOf(folder, version, { hermes: pathOf(hermes[version]) });
      const probe = ["--version", `${version.replaceAll(".", "\\.")}`] as const;
      await publisher.add({ engine: "hermes", version, from: { tree }, entry: "hermes", probe, words });
    };
    await add(OLDER, []);
    await publisher.deploy("hermes", OLDER, 0);
    await publisher.sign();
    await homeAt("delta", publisher.repository);
    await homeAt("damaged", publisher.repository);
    await homeAt("archive", publisher.repository);
    await add(NEWER, ["--deltas", "2"]);
    await publisher.deploy("hermes", NEWER, 100);
    await publisher.sign();
  });

  async function homeAt(name: string, from: string): Promise<string> {
    const home = join(folder, name);
    await sound(["install", "--from", from, "--channel", "deltas", "--root", root], { home });
    return home;
  }

  const upgraded = async (name: string, server: StaticServer, words: readonly string[] = []) => {
    server.log.length = 0;
    return await answer<Upgraded>(["upgrade", "--no-prune", ...words], { home: join(folder, name) });
  };

  it("fetches less, and lays out the same files", async (t) => {
    await using server = await serveFolder(() => publisher.repository);
    const point = async (name: string) => {
      const config = join(folder, name, "config.json");
      const told = JSON.parse(readFileSync(config, "utf8")) as Record<string, unknown>;
      writeFileSync(config, JSON.stringify({ ...told, repository: server.url }));
    };
    await point("delta");
    await point("damaged");
    await point("archive");
    const whole = await upgraded("archive", server, ["--no-deltas"]);
    archiveBytes = server.served("archives").reduce((sum, { bytes }) => sum + bytes, 0);
    assert.deepEqual([whole.deltas, whole.downloadedBytes], [0, archiveBytes]);
    const done = await upgraded("delta", server);
    const deltaBytes = server.served("deltas").reduce((sum, { bytes }) => sum + bytes, 0);
    assert.deepEqual([done.deltas, done.downloadedBytes, server.served("archives")], [1, deltaBytes, []]);
    t.diagnostic(
      `delta ${deltaBytes} bytes, archive ${archiveBytes}: ${((100 * deltaBytes) / archiveBytes).toFixed(0)} %`,
    );
    assert.ok(deltaBytes < archiveBytes * 0.8);
    const files = (name: string) => contentOf(join(folder, name, "engines", "hermes", NEWER));
    assert.deepEqual(files("delta"), files("archive"));
    await sound(["verify"], { home: join(folder, "delta") });
    const ran = await enginery(["exec", "hermes", "--epoch", "100", "--", "--version"], {
      home: join(folder, "delta"),
    });
    assert.match(ran.stdout, new RegExp(NEWER.replaceAll(".", "\\.")), told(ran));

    const file = join(folder, "damaged", "engines", "hermes", OLDER, "hermes");
    const bytes = readFileSync(file);
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    rmSync(file);
    writeFileSync(file, bytes);
    chmodSync(file, 0o555);
    const mended = await upgraded("damaged", server);
    assert.deepEqual([mended.deltas, mended.ways[0]?.way], [0, "archive"], "one flipped bit in the older engine");
    assert.deepEqual(files("damaged"), files("archive"));
  });
});
