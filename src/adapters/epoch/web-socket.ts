import { createHash, randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { MAX_ANSWER_BYTES, unreadable } from "../../core/epoch-reading.ts";
import { credentialsOf } from "../fetch/credentials.ts";
import type { Exchange } from "./exchange.ts";
import { BROKEN_PROTOCOL, clientFrame, createFrameReader, type Frame, OPCODE } from "./web-socket-frames.ts";

/**
 * A WebSocket (RFC 6455) for text messages, on undici's connections. undici's own and Node's cannot be dropped: where a server
 * does not answer the closing they keep the process alive, and they take 128 MiB for one message.
 */
export interface TextSocket extends Disposable {
  send(text: string): void;
  /** Until the server closes, and at most 1 MiB in all. Errors: those of the connection, and `epoch-unreadable`. */
  readonly messages: AsyncIterable<Uint8Array>;
}

/** RFC 6455, 7.4.1: 1000. */
const NORMAL_CLOSURE = Buffer.of(0x03, 0xe8);
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Ends with the exchange's signal at the latest. Errors: those of undici, and `epoch-unreadable`. */
export async function openTextSocket(exchange: Exchange, url: URL): Promise<TextSocket> {
  const connection = await connect(exchange, url);
  // told by whoever reads the messages
  connection.on("error", () => {});
  const drop = () => connection.destroy();
  exchange.signal.addEventListener("abort", drop, { once: true });
  if (exchange.signal.aborted) drop();
  return {
    send: (text) => void connection.write(clientFrame(OPCODE.text, Buffer.from(text))),
    messages: messagesOf(connection, exchange.name),
    [Symbol.dispose]: () => {
      exchange.signal.removeEventListener("abort", drop);
      connection.write(clientFrame(OPCODE.close, NORMAL_CLOSURE));
      drop();
    },
  };
}

async function connect({ client, name, signal }: Exchange, url: URL): Promise<Duplex> {
  const key = randomBytes(16).toString("base64");
  const headers = { ...credentialsOf(url)(url), "sec-websocket-version": "13", "sec-websocket-key": key };
  const http = new URL(url.href.replace(/^ws/, "http"));
  const { header, connection } = await client.upgrade(http, headers, signal).catch((error: unknown) => {
    // undici gives every answer but a switch the code of a broken connection
    const isAnswer = error instanceof Error && error.message === "bad upgrade";
    throw isAnswer ? unreadable(name, "does not speak WebSocket there", error) : error;
  });
  const accepted = createHash("sha1")
    .update(key + ACCEPT_SUFFIX)
    .digest("base64");
  const agreed = header("sec-websocket-extensions") ?? header("sec-websocket-protocol");
  if (header("sec-websocket-accept") === accepted && agreed === undefined) return connection;
  connection.destroy();
  throw unreadable(name, "does not speak WebSocket there");
}

async function* messagesOf(connection: Duplex, name: string): AsyncGenerator<Uint8Array> {
  const refuse = (why: string): never => {
    throw unreadable(name, why);
  };
  const read = createFrameReader(MAX_ANSWER_BYTES, refuse);
  let parts: Buffer[] = [];
  for await (const chunk of connection) {
    for (const frame of read(chunk)) {
      if (frame.opcode === OPCODE.close) return;
      if (frame.opcode === OPCODE.ping) connection.write(clientFrame(OPCODE.pong, frame.payload));
      if (frame.opcode >= OPCODE.close) continue;
      if (!continues(frame, parts)) refuse(BROKEN_PROTOCOL);
      parts.push(frame.payload);
      if (!frame.isFinal) continue;
      yield Buffer.concat(parts);
      parts = [];
    }
  }
}

/** 5.4: a message begins as text, and goes on as continuation. */
function continues(frame: Frame, before: readonly Buffer[]): boolean {
  return frame.opcode === (before.length === 0 ? OPCODE.text : OPCODE.continuation);
}
