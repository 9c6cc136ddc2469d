export interface Webhook {
  /**
   * One POST of a JSON document, nothing followed, nothing tried twice. Errors: `http-status` (a redirect too), `network`, `timeout`,
   * `source-refused`.
   */
  post(url: string, document: unknown, options: WebhookOptions): Promise<void>;
}

export interface WebhookOptions {
  readonly timeoutMs: number;
  /** Sent as a bearer token, and told nobody else. */
  readonly token?: string | undefined;
  /** Plain http: to other hosts than this machine. */
  readonly allowHttp: boolean;
}
