export interface Compression {
  /** One frame, same bytes for same input. */
  compress(bytes: Uint8Array): Uint8Array;
  /** More than `maxBytes`, a cut frame or anything after it: `document-invalid`. */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
}
