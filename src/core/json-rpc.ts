import { foreignJson, unreadable } from "./epoch-reading.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { quote } from "./quote.ts";

/** JSON-RPC 2.0, the little of it that a node is asked with. Errors of all here: `epoch-unreadable`. */
export function rpcRequest(id: number, method: string, params: readonly string[]): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

export interface RpcReply {
  readonly id: JsonValue | undefined;
  /** Throws what the node said instead of a result. */
  readonly result: () => JsonValue;
}

/** Undefined: no reply but a notification. */
export function rpcReply(name: string, bytes: Uint8Array): RpcReply | undefined {
  const message = objectOf(foreignJson(name, bytes));
  if (message?.["jsonrpc"] !== "2.0") throw unreadable(name, "does not answer in JSON-RPC 2.0");
  const { id, result, error } = message;
  if (id === undefined && typeof message["method"] === "string") return undefined;
  return {
    id,
    result: () => {
      if (error !== undefined && error !== null) throw unreadable(name, `answers with an error: ${problemOf(error)}`);
      if (result === undefined) throw unreadable(name, "answers without a result");
      return result;
    },
  };
}

/** Undefined where it is none. */
export function objectOf(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

function problemOf(error: JsonValue): string {
  const said = objectOf(error)?.["message"] ?? error;
  return quote(typeof said === "string" ? said : JSON.stringify(said));
}
