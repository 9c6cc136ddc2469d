import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createFetcher } from "../../src/adapters/fetch/fetcher.ts";
import { parseManifest } from "../../src/core/parse-manifest.ts";
import type { TestWorld } from "../support/test-world.ts";

/** What a client that trusts the first root and has seen nothing is offered, over `file:`. */
export async function newClientSerial(
  world: TestWorld,
  directory: string,
  channel: string,
): Promise<{ serial: number; epoch: number | null; root: number }> {
  const keeper = await world.trust(
    createFetcher({ offline: true, allowHttp: false, env: {}, userAgent: "enginery-test" }),
  );
  const bases = [directory];
  const known = await keeper.begin({
    bases,
    root: { bytes: readFileSync(join(directory, "metadata", "1.root.json")) },
  });
  const view = await keeper.refresh({ known, bases, channel, now: world.time, allowExpired: false });
  const { serial, publishedEpoch } = parseManifest(view.manifest);
  return { serial, epoch: publishedEpoch, root: keeper.rootOf(view.set).version };
}
