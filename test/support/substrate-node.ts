import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { acceptWebSocket, type SocketPeer } from "./web-socket-server.ts";

/** JSON-RPC as a Substrate node speaks it, over HTTP and WebSocket on one port, telling of a chain that the test moves. */
export interface SubstrateNode extends AsyncDisposable {
  readonly http: string;
  readonly ws: string;
  /** Of the finalized block. */
  height: number;
  blocksPerSession: number;
  syncing: boolean;
  /** In place of the honest answer; `honest` is the text that would be said. */
  lie: ((question: Question, honest: string, say: Say) => void) | undefined;
  readonly questions: Question[];
  /** WebSocket connections ever accepted. */
  readonly peers: SocketPeer[];
  /** WebSocket connections that are open. */
  readonly open: () => number;
  /** Stops serving and breaks all connections; `start` serves on the same port again. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface Question {
  readonly id: number;
  readonly method: string;
  readonly params: readonly string[];
}

export interface Say {
  (text: string): void;
  /** Over WebSocket only. */
  readonly peer: SocketPeer | undefined;
  readonly response: ServerResponse | undefined;
}

const CURRENT_INDEX = "0xcec5070d609dd3497f72bde07fc96ba072763800a36a99fdfc7c10f6415f6ee6";

export async function startSubstrateNode(chain: {
  readonly height: number;
  readonly blocksPerSession?: number;
}): Promise<SubstrateNode> {
  let server: Server | undefined;
  let port = 0;
  const sockets = new Set<Duplex>();

  const node: SubstrateNode = {
    get http() {
      return `http://127.0.0.1:${port}`;
    },
    get ws() {
      return `ws://127.0.0.1:${port}`;
    },
    height: chain.height,
    blocksPerSession: chain.blocksPerSession ?? 10,
    syncing: false,
    lie: undefined,
    questions: [],
    peers: [],
    open: () => [...sockets].filter((socket) => !socket.destroyed).length,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server?.closeAllConnections();
      await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
      server = undefined;
    },
    start: async () => {
      server = createServer((request, response) => void answerHttp(node, request, response));
      server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
        sockets.add(socket);
        node.peers.push(acceptWebSocket(request, socket, (text, peer) => answer(node, text, say(peer))));
      });
      await new Promise<void>((resolve) => server?.listen(port, "127.0.0.1", resolve));
      port = (server.address() as AddressInfo).port;
    },
    [Symbol.asyncDispose]: () => node.stop(),
  };
  await node.start();
  return node;
}

function say(peer: SocketPeer): Say {
  return Object.assign((text: string) => peer.text(text), { peer, response: undefined });
}

async function answerHttp(node: SubstrateNode, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await new Response(request as unknown as ReadableStream).text();
  const reply = (text: string) => void response.writeHead(200, { "content-type": "application/json" }).end(text);
  answer(node, body, Object.assign(reply, { peer: undefined, response }));
}

function answer(node: SubstrateNode, text: string, speak: Say): void {
  const question = JSON.parse(text) as Question;
  node.questions.push(question);
  const honest = JSON.stringify({ jsonrpc: "2.0", id: question.id, ...resultOf(node, question) });
  if (node.lie === undefined) speak(honest);
  else node.lie(question, honest, speak);
}

/** What is stored and said hangs on the block that is asked about, and not on the newest. */
function resultOf(node: SubstrateNode, { method, params }: Question): object {
  if (method === "system_health") return { result: { peers: 3, isSyncing: node.syncing, shouldHavePeers: true } };
  if (method === "chain_getFinalizedHead") return { result: hashOf(node.height) };
  if (method === "chain_getHeader") {
    const zeros = `0x${"0".repeat(64)}`;
    const number = `0x${heightOf(params[0]).toString(16)}`;
    return {
      result: { parentHash: zeros, number, stateRoot: zeros, extrinsicsRoot: zeros, digest: { logs: ["0x06"] } },
    };
  }
  if (method === "state_getStorage" && params[0] === CURRENT_INDEX) {
    return { result: u32(Math.floor(heightOf(params[1]) / node.blocksPerSession)) };
  }
  return { error: { code: -32601, message: "Method not found" } };
}

export function hashOf(height: number): string {
  return `0x${"ab".repeat(25)}${height.toString(16).padStart(14, "0")}`;
}

function heightOf(hash = ""): number {
  return Number.parseInt(hash.slice(-14), 16);
}

export function u32(number: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return `0x${bytes.toString("hex")}`;
}
