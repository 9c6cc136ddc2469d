/** A line of more bytes counts for nothing: no record comes near it. */
const MAX_LINE_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

export interface WholeLine {
  /** From 1. */
  readonly number: number;
  /** Without the line end; valid until the next one is asked for. Undefined where the line is too long. */
  readonly bytes: Uint8Array | undefined;
}

/** The whole lines of a file that is read in chunks, empty ones left out: what follows the last line end is none. */
export function* wholeLines(chunks: Iterable<Uint8Array>): Generator<WholeLine, void> {
  let number = 0;
  let begun = new Uint8Array();
  let tooLong = false;
  for (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      number += 1;
      const rest = chunk.subarray(start, end);
      const bytes = begun.length === 0 ? rest : joined(begun, rest);
      start = end + 1;
      if (tooLong || bytes.length > MAX_LINE_BYTES) yield { number, bytes: undefined };
      else if (bytes.length > 0) yield { number, bytes };
      begun = new Uint8Array();
      tooLong = false;
    }
    const rest = chunk.subarray(start);
    tooLong ||= begun.length + rest.length > MAX_LINE_BYTES;
    // a chunk is overwritten by the next one
    begun = tooLong ? new Uint8Array() : joined(begun, rest);
  }
}

/** Of the file from its end on, once a line is longer than what was asked for at first. */
const MAX_WINDOW_BYTES = MAX_LINE_BYTES;

/**
 * The whole lines of a file's first `size` bytes, the end of the file first: each answer holds those of one window, in the order of the file and
 * numbered within it. What follows the last line end is none. Memory: a window and a line, however long what cannot be read is.
 */
export function* linesFromEnd(
  read: (position: number, length: number) => Uint8Array,
  size: number,
  windowBytes: number,
): Generator<readonly WholeLine[], void> {
  /** What was read already of the line that the window ends within; nothing where that line is too long to count. */
  let rest = new Uint8Array();
  let length = windowBytes;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - length);
    const bytes = joined(read(start, end - start), rest);
    const begin = start === 0 ? 0 : bytes.indexOf(NEWLINE) + 1 || bytes.length;
    yield [...wholeLines([bytes.subarray(begin)])];
    rest = begin > MAX_LINE_BYTES + 1 ? new Uint8Array() : bytes.slice(0, begin);
    end = start;
    length = Math.min(length * 2, MAX_WINDOW_BYTES);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
