import { EngineryError } from "../../core/errors.ts";

/** Takes exact numbers of bytes from chunks of any size. */
export interface ByteReader {
  /** A copy. Errors: `length-mismatch` where there are fewer. */
  take(bytes: number): Uint8Array;
}

/** `total`: no more than this is ever asked for, or allocated. */
export function byteReader(chunks: Iterable<Uint8Array>, total: number): ByteReader {
  const source = chunks[Symbol.iterator]();
  let rest: Uint8Array = new Uint8Array(0);
  let left = total;

  function fill(): boolean {
    const { value, done } = source.next();
    rest = done ? new Uint8Array(0) : value;
    return done !== true;
  }

  return {
    take: (bytes) => {
      if (bytes > left) throw short(bytes, left);
      const taken = new Uint8Array(bytes);
      for (let position = 0; position < bytes; ) {
        if (rest.length === 0 && !fill()) throw short(bytes, position);
        const part = rest.subarray(0, bytes - position);
        taken.set(part, position);
        position += part.length;
        rest = rest.subarray(part.length);
      }
      left -= bytes;
      return taken;
    },
  };
}

function short(wanted: number, found: number): EngineryError {
  return new EngineryError(
    "length-mismatch",
    `The delta ends early: ${wanted} bytes were wanted, ${found} are there.`,
    {
      context: { expected: wanted, found },
    },
  );
}
