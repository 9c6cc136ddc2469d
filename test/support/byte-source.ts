import type { ByteSource } from "../../src/core/program/reach.ts";

/** Bytes as a file gives them, with a count of what was read. */
export function sourceOf(bytes: Uint8Array): ByteSource & { reads: number; readBytes: number } {
  const source = {
    bytes: bytes.length,
    reads: 0,
    readBytes: 0,
    read: (into: Uint8Array, position: number) => {
      const part = bytes.subarray(position, position + into.length);
      into.set(part);
      source.reads += 1;
      source.readBytes += part.length;
      return part.length;
    },
  };
  return source;
}
