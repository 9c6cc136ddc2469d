/** This process as a service: what it is told from outside, and whom it tells. */
export interface Service {
  /** Calls back for each request to stop and to look at once; disposing ends it. */
  listen(listener: ServiceListener): Disposable;
  /** Undefined where nobody supervises this process. */
  readonly manager: ServiceManager | undefined;
}

export interface ServiceListener {
  /** SIGTERM, SIGINT. A second one ends the process as if nobody listened. */
  stop(signal: string): void;
  /** SIGHUP. */
  reload(): void;
}

/** The service manager of `$NOTIFY_SOCKET`. */
export interface ServiceManager {
  /** It wants to hear WATCHDOG=1 at least this often; undefined: never. */
  readonly watchdogMs: number | undefined;
  /** As `{ READY: "1", STATUS: "..." }`. Errors: `engine-start` where no way to tell it was found, `io`. */
  notify(words: Readonly<Record<string, string>>): Promise<void>;
}
