import { epochOfValue, unreadable } from "./epoch-reading.ts";
import { objectOf, rpcReply } from "./json-rpc.ts";
import type { Epoch } from "./model/manifest.ts";

export interface CometbftReading {
  readonly epoch: Epoch;
  readonly detail: Readonly<Record<string, string | number>>;
}

/** What `/status` tells: the height divided by `every`. Errors: `epoch-unreadable`, for a node that is behind too. */
export function cometbftReading(
  spec: { readonly name: string; readonly every: number; readonly allowCatchingUp: boolean },
  body: Uint8Array,
): CometbftReading {
  const { name, every, allowCatchingUp } = spec;
  const sync = objectOf(objectOf(rpcReply(name, body)?.result())?.["sync_info"]);
  if (sync === undefined) throw unreadable(name, "answers without sync_info");
  const { latest_block_height: said, catching_up: isBehind, latest_block_hash: hash } = sync;
  if (said === undefined) throw unreadable(name, "tells no latest_block_height");
  const height = epochOfValue(name, said);
  if (height === 0) throw unreadable(name, "has no block yet");
  if (!allowCatchingUp && isBehind !== false) {
    throw unreadable(
      name,
      isBehind === true ? `is catching up, at height ${height}` : "does not say whether it is catching up",
    );
  }
  const block = typeof hash === "string" && /^[0-9A-Fa-f]{1,128}$/.test(hash) ? { block: hash } : {};
  return { epoch: Math.floor(height / every), detail: { height, ...block } };
}
