import { randomBytes } from "node:crypto";

/** Frames of RFC 6455, 5.2. */
export interface Frame {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What RFC 6455 forbids a server. */
export const BROKEN_PROTOCOL = "breaks the WebSocket protocol";

/** Cuts a server's bytes into frames. `refuse` never returns: for what RFC 6455 forbids, and where more than `maxBytes` come in all. */
export function createFrameReader(
  maxBytes: number,
  refuse: (why: string) => never,
): (chunk: Uint8Array) => readonly Frame[] {
  let rest = Buffer.alloc(0);
  let room = maxBytes;
  const tooMuch = () => refuse(`sends more than ${maxBytes} bytes`);

  /** Undefined until the whole frame has come. */
  const nextFrame = (bytes: Buffer): { readonly frame: Frame; readonly bytes: number } | undefined => {
    const [first = 0, second = 0] = bytes;
    const wide = second === 127 ? 8 : second === 126 ? 2 : 0;
    const start = 2 + wide;
    if (bytes.length < 2) return undefined;
    // 5.2: no extension was agreed on; 5.1: a server masks nothing
    if ((first & 0x70) !== 0 || (second & 0x80) !== 0) refuse(BROKEN_PROTOCOL);
    if (bytes.length < start) return undefined;
    const length = wide === 8 ? Number(bytes.readBigUInt64BE(2)) : wide === 2 ? bytes.readUInt16BE(2) : second;
    if (length > maxBytes) tooMuch();
    const frame = { isFinal: (first & 0x80) !== 0, opcode: first & 0x0f };
    // 5.5: what controls is short and whole
    if (frame.opcode >= OPCODE.close && !(frame.isFinal && length < 126)) refuse(BROKEN_PROTOCOL);
    if (bytes.length < start + length) return undefined;
    return { frame: { ...frame, payload: bytes.subarray(start, start + length) }, bytes: start + length };
  };

  return (chunk) => {
    room -= chunk.length;
    if (room < 0) tooMuch();
    rest = Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    for (let next = nextFrame(rest); next !== undefined; next = nextFrame(rest)) {
      frames.push(next.frame);
      rest = rest.subarray(next.bytes);
    }
    return frames;
  };
}

/** A client's frame: whole, and masked as 5.3 has it. */
export function clientFrame(opcode: number, payload: Uint8Array): Buffer {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  return Buffer.concat([frameHead(opcode, payload.length), mask, masked]);
}

function frameHead(opcode: number, length: number): Buffer {
  const first = 0x80 | opcode;
  if (length < 126) return Buffer.of(first, 0x80 | length);
  const head = Buffer.alloc(length < 0x10000 ? 4 : 10);
  head.writeUInt16BE((first << 8) | 0x80 | (length < 0x10000 ? 126 : 127));
  if (length < 0x10000) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
