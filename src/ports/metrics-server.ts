import type { MetricsAddress } from "../core/watch/metrics-address.ts";

/** A small HTTP server for this machine alone. */
export interface MetricsServer {
  /** Answers GET; what `answer` does not know is 404. Errors: `busy` where somebody else listens there, `permission`, `io`. */
  listen(address: MetricsAddress, answer: (path: string) => MetricsAnswer | undefined): Promise<ListeningServer>;
}

export interface MetricsAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface ListeningServer extends AsyncDisposable {
  /** As it can be asked: `http://127.0.0.1:9464`, `unix:/run/enginery/metrics`. */
  readonly name: string;
}
