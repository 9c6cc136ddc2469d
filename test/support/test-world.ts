import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCompression } from "../../src/adapters/archive/compression.ts";
import { createArchiveReader } from "../../src/adapters/archive/reader.ts";
import { createArchiveSurveyor } from "../../src/adapters/archive/survey.ts";
import { createArchiveWriter } from "../../src/adapters/archive/writer.ts";
import { createChildProcess } from "../../src/adapters/child-process.ts";
import { createDeltaReader } from "../../src/adapters/delta/reader.ts";
import { createDeltaWriter } from "../../src/adapters/delta/writer.ts";
import { createEpochSource } from "../../src/adapters/epoch/create.ts";
import { createFetcher } from "../../src/adapters/fetch/fetcher.ts";
import { ed25519KeyFormat } from "../../src/adapters/keys/ed25519.ts";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { nodeHost } from "../../src/adapters/node-host.ts";
import { nodeIdentifiers } from "../../src/adapters/node-identifiers.ts";
import { nodeTimer } from "../../src/adapters/node-timer.ts";
import { metricsServer } from "../../src/adapters/service/metrics-server.ts";
import { createWebhook } from "../../src/adapters/service/webhook.ts";
import { metadataAuthor } from "../../src/adapters/tuf/authoring.ts";
import { createTrustKeeper } from "../../src/adapters/tuf/keeper.ts";
import type { PublisherWorld } from "../../src/ops/repo/world.ts";
import type { Fetcher } from "../../src/ports/fetcher.ts";
import type { WarningCode } from "../../src/ports/reporter.ts";

/** A world on the real disk with a clock that is a variable, and records of what was fetched and warned of. */
export interface TestWorld extends PublisherWorld {
  /** A folder of its own under the system's temporary folder. */
  readonly folder: string;
  time: number;
  /** Locations opened, with the bytes that came. */
  readonly fetched: { location: string; bytes: number }[];
  readonly warnings: { code: WarningCode; message: string }[];
}

/** 2027-01-01. */
export const TEST_TIME = Date.UTC(2027, 0, 1);

export function makeTestWorld(overrides: Partial<PublisherWorld> = {}): TestWorld & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "enginery-test-"));
  const compression = createCompression();
  const world: TestWorld & Disposable = {
    folder,
    time: TEST_TIME,
    fetched: [],
    warnings: [],
    fileSystem: nodeFileSystem(),
    clock: { now: () => world.time },
    identifiers: nodeIdentifiers,
    digester: nodeDigester,
    compression,
    host: nodeHost(),
    children: createChildProcess(),
    reporter: {
      note: () => undefined,
      warn: (code, message) => world.warnings.push({ code, message }),
      progress: () => ({ advance: () => undefined, [Symbol.dispose]: () => undefined }),
    },
    lock: { acquire: async () => ({ [Symbol.asyncDispose]: async () => undefined }) },
    timer: nodeTimer,
    service: { listen: () => ({ [Symbol.dispose]: () => undefined }), manager: undefined },
    version: "0.1.0",
    webhook: async () => createWebhook({ env: {}, userAgent: "enginery-test" }),
    metricsServer: async () => metricsServer,
    fetcher: async ({ offline, allowHttp }) =>
      recording(world, createFetcher({ offline, allowHttp, env: {}, userAgent: "enginery-test" })),
    epochSource: async (spec) => createEpochSource(spec, { env: process.env, userAgent: "enginery-test" }),
    trust: async (fetcher) => createTrustKeeper(fetcher, nodeDigester),
    archiveReader: async () => createArchiveReader(),
    archiveWriter: async () => createArchiveWriter(),
    deltaReader: async () => createDeltaReader(),
    deltaWriter: async () => createDeltaWriter(),
    authoring: async () => metadataAuthor,
    keyFormat: async () => ed25519KeyFormat,
    archiveSurveyor: async () => createArchiveSurveyor(),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
    ...overrides,
  };
  return world;
}

function recording(world: TestWorld, fetcher: Fetcher): Fetcher {
  return {
    open: async (location, options) => {
      const body = await fetcher.open(location, options);
      const row = { location, bytes: 0 };
      world.fetched.push(row);
      return { ...body, chunks: counted(body.chunks, row) };
    },
  };
}

async function* counted(chunks: AsyncIterable<Uint8Array>, row: { bytes: number }): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    row.bytes += chunk.length;
    yield chunk;
  }
}

/** Bytes of archives that were opened since the records were last emptied. */
export function archivesFetched(world: TestWorld): readonly string[] {
  return world.fetched.filter(({ location }) => location.includes("/archives/")).map(({ location }) => location);
}
