import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** The server's end of a WebSocket, as little of RFC 6455 as a test needs, and as wrong as it wants. */
export interface SocketPeer {
  text(message: string): void;
  frame(first: number, payload: Uint8Array): void;
  /** Bytes as they are. */
  raw(bytes: Uint8Array): void;
  close(): void;
  /** Breaks the connection off. */
  drop(): void;
  /** Opcodes that came, of whatever carries no text. */
  readonly controls: number[];
}

const TEXT = 0x81;
const CLOSE = 0x88;

export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  onText: (text: string, peer: SocketPeer) => void,
): SocketPeer {
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
  const peer: SocketPeer = {
    text: (message) => peer.frame(TEXT, Buffer.from(message)),
    frame: (first, payload) => peer.raw(serverFrame(first, payload)),
    raw: (bytes) => void (socket.writable && socket.write(bytes)),
    close: () => peer.frame(CLOSE, Buffer.of(0x03, 0xe8)),
    drop: () => void socket.destroy(),
    controls: [],
  };
  let rest = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("end", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let next = maskedFrame(rest); next !== undefined; next = maskedFrame(rest)) {
      rest = rest.subarray(next.bytes);
      if (next.opcode === 1) onText(next.payload.toString("utf8"), peer);
      else peer.controls.push(next.opcode);
    }
  });
  return peer;
}

export function serverFrame(first: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.of(first, length), payload]);
  if (length < 0x10000) return Buffer.concat([Buffer.of(first, 126, length >> 8, length & 0xff), payload]);
  const head = Buffer.alloc(10);
  head.writeUInt16BE((first << 8) | 127);
  head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** Of a client: short or of two bytes' length, whole, masked. */
function maskedFrame(
  bytes: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly bytes: number } | undefined {
  const [first = 0, second = 0] = bytes;
  if (bytes.length < 2) return undefined;
  if ((second & 0x80) === 0) throw new Error("a client's frame is not masked");
  const wide = (second & 0x7f) === 126;
  const start = wide ? 4 : 2;
  if (bytes.length < start + 4) return undefined;
  const length = wide ? bytes.readUInt16BE(2) : second & 0x7f;
  const mask = bytes.subarray(start, start + 4);
  const end = start + 4 + length;
  if (bytes.length < end) return undefined;
  const payload = Buffer.from(bytes.subarray(start + 4, end).map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  return { opcode: first & 0x0f, payload, bytes: end };
}
