import { unreadable } from "../../core/epoch-reading.ts";
import type { JsonValue } from "../../core/json.ts";
import { rpcReply, rpcRequest } from "../../core/json-rpc.ts";
import { asking, bodyOf, type Exchange } from "./exchange.ts";
import { openTextSocket, type TextSocket } from "./web-socket.ts";

/** Questions to one node. Errors: `epoch-unreadable`. */
export interface JsonRpc extends Disposable {
  call(method: string, ...params: readonly string[]): Promise<JsonValue>;
}

/** Over HTTP each question is an exchange of its own, over a WebSocket all share one connection. */
export async function openJsonRpc(exchange: Exchange, url: URL): Promise<JsonRpc> {
  if (/^https?:$/.test(url.protocol)) return overHttp(exchange, url);
  return overSocket(exchange.name, url, await asking(url, () => openTextSocket(exchange, url)));
}

function overHttp(exchange: Exchange, url: URL): JsonRpc {
  let asked = 0;
  return {
    call: async (method, ...params) => {
      asked += 1;
      const id = asked;
      const reply = rpcReply(exchange.name, await bodyOf(exchange, url, rpcRequest(id, method, params)));
      // an error may come without an id, where the node could not read ours
      if (reply === undefined || (reply.id !== id && reply.id !== null)) throw wrongId(exchange.name);
      return reply.result();
    },
    [Symbol.dispose]: () => {},
  };
}

interface Waiting {
  readonly resolve: (value: JsonValue) => void;
  readonly reject: (error: unknown) => void;
}

/** Answers come in any order. */
function overSocket(name: string, url: URL, socket: TextSocket): JsonRpc {
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let ended: unknown;

  const end = (error: unknown) => {
    ended = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const take = (message: Uint8Array) => {
    const reply = rpcReply(name, message);
    if (reply === undefined) return;
    const { id } = reply;
    const asker = typeof id === "number" ? waiting.get(id) : undefined;
    if (typeof id !== "number" || asker === undefined) throw wrongId(name);
    waiting.delete(id);
    try {
      asker.resolve(reply.result());
    } catch (error) {
      asker.reject(error);
    }
  };
  const listen = async () => {
    for await (const message of socket.messages) take(message);
    throw unreadable(name, "closed the connection before it had answered");
  };
  asking(url, listen).catch(end);

  return {
    call: (method, ...params) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        asked += 1;
        waiting.set(asked, { resolve, reject });
        socket.send(rpcRequest(asked, method, params));
      }),
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  };
}

function wrongId(name: string): Error {
  return unreadable(name, "answers another question than was asked");
}
