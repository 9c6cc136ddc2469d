/** Bytes from a repository: `https:`, loopback `http:`, `file:`, a folder, `npm:NAME@VERSION`, or `embedded:`, what this program carries. */
export interface Fetcher {
  /**
   * Never follows a redirect off the allowed origins, never decodes a content encoding.
   * Errors: `missing` (404, 403, no such file), `http-status`, `network`, `timeout`, `offline`, `source-refused`, `redirect-refused`.
   */
  open(location: string, options?: FetchOptions): Promise<FetchedBody>;
}

export interface FetchOptions {
  /** First byte wanted; the answer may begin earlier only where `start` of the answer says so. */
  readonly start?: number;
  /** More than this: `length-mismatch`. */
  readonly maxBytes?: number;
}

export interface FetchedBody {
  /** Offset of the first byte in `chunks`: `start`, or 0 where the server does not serve ranges. */
  readonly start: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}
