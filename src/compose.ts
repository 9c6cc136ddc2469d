import { createCompression } from "./adapters/archive/compression.ts";
import { createChildProcess } from "./adapters/child-process.ts";
import { nodeClock } from "./adapters/node-clock.ts";
import { nodeDigester } from "./adapters/node-digester.ts";
import { nodeFileSystem } from "./adapters/node-file-system.ts";
import { nodeHashing } from "./adapters/node-hashing.ts";
import { nodeHost } from "./adapters/node-host.ts";
import { nodeIdentifiers } from "./adapters/node-identifiers.ts";
import { nodeRemoving } from "./adapters/node-removing.ts";
import { nodeTimer } from "./adapters/node-timer.ts";
import { createService } from "./adapters/service/service.ts";
import { SILENT_REPORTER } from "./adapters/silent-reporter.ts";
import { writerLock } from "./adapters/writer-lock.ts";
import { VERSION } from "./cli/version.ts";
import { EngineryError } from "./core/errors.ts";
import type { Operator } from "./ops/operator.ts";
import type { Publisher } from "./ops/publisher.ts";
import type { PublisherWorld } from "./ops/repo/world.ts";
import type { Reporter, Webhook } from "./ops/world.ts";

/** The world as this process finds it. Loads no network code: that is for the verb that asks for it. */
export function composeWorld(reporter: Reporter = SILENT_REPORTER): PublisherWorld {
  let webhook: Webhook | undefined;
  return {
    fileSystem: nodeFileSystem(),
    clock: nodeClock,
    identifiers: nodeIdentifiers,
    digester: nodeDigester,
    hashing: nodeHashing(),
    removing: nodeRemoving(),
    compression: createCompression(),
    host: nodeHost(),
    children: createChildProcess(),
    reporter,
    lock: writerLock(reporter),
    timer: nodeTimer,
    service: createService(process.env),
    version: VERSION,
    webhook: async () => {
      const { createWebhook } = await import("./adapters/service/webhook.ts");
      webhook ??= createWebhook({ env: process.env, userAgent: `enginery/${VERSION}` });
      return webhook;
    },
    metricsServer: async () => (await import("./adapters/service/metrics-server.ts")).metricsServer,
    fetcher: async (options) => {
      const { createFetcher } = await import("./adapters/fetch/fetcher.ts");
      return createFetcher({ ...options, env: process.env, userAgent: `enginery/${VERSION}` });
    },
    carried: async () => (await import("./adapters/carried/own-payload.ts")).carriedReleases(),
    epochSource: async (spec) => {
      const { createEpochSource } = await import("./adapters/epoch/create.ts");
      return createEpochSource(spec, { env: process.env, userAgent: `enginery/${VERSION}` });
    },
    trust: async (fetcher) => {
      const { createTrustKeeper } = await import("./adapters/tuf/keeper.ts");
      return createTrustKeeper(fetcher, nodeDigester);
    },
    archiveReader: async () => (await import("./adapters/archive/reader.ts")).createArchiveReader(),
    archiveWriter: async () => (await import("./adapters/archive/writer.ts")).createArchiveWriter(),
    deltaReader: async () => (await import("./adapters/delta/reader.ts")).createDeltaReader(),
    deltaWriter: async () => (await import("./adapters/delta/writer.ts")).createDeltaWriter(),
    archiveSurveyor: async () => (await import("./adapters/archive/survey.ts")).createArchiveSurveyor(),
    authoring: async () => (await import("./adapters/tuf/authoring.ts")).metadataAuthor,
    keyFormat: async () => (await import("./adapters/keys/ed25519.ts")).ed25519KeyFormat,
  };
}

/** Of the files that an operator names, a list of a million pins is the largest. */
const MAX_NAMED_BYTES = 256 * 1024 * 1024;

/** A file that an operator named. Errors: `missing`, `permission`, `io`, `document-invalid` where it is far too large. */
export function readRequired(path: string): Uint8Array {
  const content = nodeFileSystem().readFile(path, MAX_NAMED_BYTES);
  if (content === undefined) throw new EngineryError("missing", `There is no file ${path}.`, { context: { path } });
  return content;
}

/**
 * A file that an operator named, whole or not at all, and never within `home` or another one. Errors: `refused`, `missing`, `permission`,
 * `disk-full`, `io`.
 */
export async function writeNamed(path: string, content: string, home: string): Promise<void> {
  const { refuseWithinHome } = await import("./store/within-home.ts");
  const { writeOutputFile } = await import("./adapters/output-file.ts");
  refuseWithinHome(nodeFileSystem(), path, home);
  writeOutputFile(path, content);
}

/** Each verb bound to its file in ops/, loaded when it is called. */
export function composeOperator(world: PublisherWorld): Operator {
  return {
    rootFingerprint: async (request) => (await import("./ops/root-fingerprint.ts")).rootFingerprint(world, request),
    plan: async (request) =>
      "stageOnly" in request
        ? (await import("./ops/upgrade.ts")).upgrade(world, { ...request, dryRun: true })
        : (await import("./ops/install.ts")).install(world, { ...request, dryRun: true }),
    install: async (request) => (await import("./ops/install.ts")).install(world, request),
    upgrade: async (request) => (await import("./ops/upgrade.ts")).upgrade(world, request),
    check: async (request) => (await import("./ops/upgrade.ts")).check(world, request),
    verify: async (request) => (await import("./ops/verify.ts")).verify(world, request),
    rollback: async (request) => (await import("./ops/rollback.ts")).rollback(world, request),
    prune: async (request) => (await import("./ops/prune.ts")).prune(world, request),
    list: async (request) => (await import("./ops/list.ts")).list(world, request),
    status: async (request) => (await import("./ops/status.ts")).status(world, request),
    schedule: async (request) => (await import("./ops/list.ts")).schedule(world, request),
    schedulePage: async (request) => (await import("./ops/schedule-page.ts")).schedulePage(world, request),
    ready: async (request) => (await import("./ops/ready.ts")).ready(world, request),
    which: async (request) => (await import("./ops/which.ts")).which(world, request),
    exec: async (request) => (await import("./ops/exec.ts")).exec(world, request),
    use: async (request) => (await import("./ops/use.ts")).use(world, request),
    pin: async (request) => (await import("./ops/pin.ts")).pin(world, request),
    unpin: async (request) => (await import("./ops/pin.ts")).unpin(world, request),
    pins: async (request) => (await import("./ops/pin.ts")).pins(world, request),
    observe: async (request) => (await import("./ops/observe.ts")).observe(world, request),
    watch: async (request, tell) => (await import("./ops/watch.ts")).watch(world, request, tell),
    hold: async (request) => (await import("./ops/hold.ts")).hold(world, request),
    unhold: async (request) => (await import("./ops/hold.ts")).unhold(world, request),
    history: async (request) => (await import("./ops/history.ts")).history(world, request),
    exportLedger: async (request) => (await import("./ops/history.ts")).exportLedger(world, request),
    doctor: async (request) => (await import("./ops/doctor.ts")).doctor(world, request),
    installService: async (request) => (await import("./ops/service.ts")).installService(world, request),
    serviceStatus: async (request) => (await import("./ops/service.ts")).serviceStatus(world, request),
    removeService: async (request) => (await import("./ops/service.ts")).removeService(world, request),
    embed: async (request) => (await import("./ops/embed.ts")).embed(world, request),
    listEmbedded: async (request) => (await import("./ops/embedded.ts")).listEmbedded(world, request),
    verifyEmbedded: async (request) => (await import("./ops/embedded.ts")).verifyEmbedded(world, request),
    extractEmbedded: async (request) => (await import("./ops/extract.ts")).extractEmbedded(world, request),
    quarantine: async (request) => (await import("./ops/quarantine.ts")).quarantine(world, request),
    selfUpdate: async (request) => (await import("./ops/self-update.ts")).selfUpdate(world, request),
    names: async (request) => (await import("./ops/names.ts")).names(world, request),
    uninstall: async (request) => (await import("./ops/uninstall.ts")).uninstall(world, request),
  };
}

/** Each verb bound to its file in ops/repo/, loaded when it is called. */
export function composePublisher(world: PublisherWorld): Publisher {
  return {
    init: async (request) => (await import("./ops/repo/init.ts")).init(world, request),
    add: async (request) => (await import("./ops/repo/add.ts")).add(world, request),
    deploy: async (request) => (await import("./ops/repo/deploy.ts")).deploy(world, request),
    retire: async (request) => (await import("./ops/repo/retire.ts")).retire(world, request),
    withdraw: async (request) => (await import("./ops/repo/withdraw.ts")).withdraw(world, request),
    rules: async (request) => (await import("./ops/repo/rules.ts")).rules(world, request),
    sign: async (request) => (await import("./ops/repo/sign.ts")).sign(world, request),
    rotateRoot: async (request) => (await import("./ops/repo/rotate-root.ts")).rotateRoot(world, request),
    refreshTimestamp: async (request) =>
      (await import("./ops/repo/refresh-timestamp.ts")).refreshTimestamp(world, request),
    verify: async (request) => (await import("./ops/repo/verify.ts")).verify(world, request),
    export: async (request) => (await import("./ops/repo/export.ts")).exportChannel(world, request),
    prune: async (request) => (await import("./ops/repo/prune.ts")).prune(world, request),
  };
}
