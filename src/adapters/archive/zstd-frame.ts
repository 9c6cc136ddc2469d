/**
 * Walks the outline of a zstd frame (RFC 8878, 3.1.1) without decompressing. Node's decoder reads on into a second frame or
 * stops before it, as the chunks happen to fall; this one knows where the frame ends.
 */
export interface FrameWalker {
  /** Bytes in order; calls `refuse` for a second frame, a skippable one, a dictionary, a window too large, anything after the end. */
  push(bytes: Uint8Array): void;
  /** Calls `refuse` where the frame has not come to its end. */
  end(): void;
}

/** 2^25 bytes: what a decoder may have to remember. */
export const MAX_WINDOW_LOG = 25;
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];

export function createFrameWalker(refuse: (why: string) => never): FrameWalker {
  const field = new Uint8Array(16);
  let gathered = 0;
  let wanted = 5;
  let skipping = 0;
  let descriptor = 0;
  let last = false;
  let step: () => void = readStart;

  function readStart(): void {
    if (MAGIC.some((byte, index) => field[index] !== byte)) refuse("it does not begin with a zstd frame");
    descriptor = field[4] ?? 0;
    if ((descriptor & 0x08) !== 0) refuse("its zstd header uses a reserved bit");
    if ((descriptor & 0x03) !== 0) refuse("it needs a zstd dictionary");
    const single = (descriptor & 0x20) !== 0;
    const sizeBytes = CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0;
    expect((single ? 0 : 1) + (single && sizeBytes === 0 ? 1 : sizeBytes), readHeader);
  }

  function readHeader(): void {
    if ((descriptor & 0x20) === 0) requireWindow(field[0] ?? 0);
    expect(3, readBlock);
  }

  function requireWindow(byte: number): void {
    const base = 2 ** (10 + (byte >> 3));
    if (base + (base / 8) * (byte & 7) > 2 ** MAX_WINDOW_LOG)
      refuse(`its zstd window is larger than ${2 ** MAX_WINDOW_LOG} bytes`);
  }

  function readBlock(): void {
    const header = (field[0] ?? 0) | ((field[1] ?? 0) << 8) | ((field[2] ?? 0) << 16);
    last = (header & 1) !== 0;
    const kind = (header >> 1) & 3;
    if (kind === 3) refuse("it has a zstd block of a reserved kind");
    skipping = kind === 1 ? 1 : header >> 3;
    if (last) expect((descriptor & 0x04) === 0 ? 0 : 4, finish);
    else expect(3, readBlock);
  }

  function finish(): void {
    wanted = Number.POSITIVE_INFINITY;
  }

  function expect(bytes: number, next: () => void): void {
    gathered = 0;
    wanted = bytes;
    step = next;
  }

  function settle(): void {
    while (skipping === 0 && gathered === wanted) step();
  }

  function push(bytes: Uint8Array): void {
    let position = 0;
    while (position < bytes.length) {
      if (wanted === Number.POSITIVE_INFINITY) refuse("something follows its one zstd frame");
      const taken = Math.min(skipping > 0 ? skipping : wanted - gathered, bytes.length - position);
      if (skipping > 0) skipping -= taken;
      else {
        field.set(bytes.subarray(position, position + taken), gathered);
        gathered += taken;
      }
      position += taken;
      settle();
    }
  }

  function end(): void {
    if (wanted !== Number.POSITIVE_INFINITY) refuse("its zstd frame is cut short");
  }

  return { push, end };
}
