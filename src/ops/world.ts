import type { EpochSourceSpec } from "../core/epoch-source.ts";
import type { ArchiveReader, ArchiveWriter } from "../ports/archive.ts";
import type { Carried } from "../ports/carried.ts";
import type { ChildProcess } from "../ports/child-process.ts";
import type { Clock, Identifiers } from "../ports/clock.ts";
import type { Compression } from "../ports/compression.ts";
import type { DeltaReader } from "../ports/delta.ts";
import type { Digester } from "../ports/digest.ts";
import type { EpochSource } from "../ports/epoch-source.ts";
import type { Fetcher } from "../ports/fetcher.ts";
import type { FileSystem } from "../ports/file-system.ts";
import type { Hashing } from "../ports/hashing.ts";
import type { Host } from "../ports/host.ts";
import type { WriterLock } from "../ports/lock.ts";
import type { MetricsServer } from "../ports/metrics-server.ts";
import type { Removing } from "../ports/removing.ts";
import type { Reporter } from "../ports/reporter.ts";
import type { Service } from "../ports/service.ts";
import type { Timer } from "../ports/timer.ts";
import type { TrustKeeper } from "../ports/trust.ts";
import type { Webhook } from "../ports/webhook.ts";

export type { EpochReading, EpochSource } from "../ports/epoch-source.ts";
export type { Prompter } from "../ports/prompter.ts";
export type { ProgressBar, Reporter, WarningCode } from "../ports/reporter.ts";
export type { Webhook } from "../ports/webhook.ts";

/**
 * The whole outside world behind one type, made by main.ts. What loads heavy libraries is a function, called by the
 * verbs that need it and by no other.
 */
export interface World {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly identifiers: Identifiers;
  readonly digester: Digester;
  /** Absent: all is hashed in this thread, through `fileSystem`. */
  readonly hashing?: Hashing | undefined;
  /** Absent: all is removed by this thread, through `fileSystem`. */
  readonly removing?: Removing | undefined;
  readonly compression: Compression;
  readonly host: Host;
  readonly children: ChildProcess;
  readonly reporter: Reporter;
  readonly lock: WriterLock;
  readonly timer: Timer;
  readonly service: Service;
  /** Of this program. */
  readonly version: string;
  readonly webhook: () => Promise<Webhook>;
  readonly metricsServer: () => Promise<MetricsServer>;
  readonly fetcher: (options: FetcherOptions) => Promise<Fetcher>;
  /** Absent, or undefined: this program carries no releases. */
  readonly carried?: () => Promise<Carried | undefined>;
  /** Opens nothing yet: a reading does. */
  readonly epochSource: (spec: EpochSourceSpec) => Promise<EpochSource>;
  readonly trust: (fetcher: Fetcher) => Promise<TrustKeeper>;
  readonly archiveReader: () => Promise<ArchiveReader>;
  readonly archiveWriter: () => Promise<ArchiveWriter>;
  readonly deltaReader: () => Promise<DeltaReader>;
}

export interface FetcherOptions {
  readonly offline: boolean;
  /** Plain http: to other hosts than loopback. */
  readonly allowHttp: boolean;
}
