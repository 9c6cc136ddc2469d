import { cometbftReading } from "../../core/cometbft-status.ts";
import { epochOfJson, epochOfText } from "../../core/epoch-reading.ts";
import type { CometbftSource, HttpSource, SubstrateSource } from "../../core/epoch-source.ts";
import { below } from "../../core/location.ts";
import { blockHash, blockHeight, requireSynced, SESSION_KEY, sessionNumber } from "../../core/substrate-answers.ts";
import type { EpochReading, EpochSource } from "../../ports/epoch-source.ts";
import type { WebClient } from "../fetch/web-client.ts";
import { boundedSource } from "./deadline.ts";
import { bodyOf } from "./exchange.ts";
import { type JsonRpc, openJsonRpc } from "./json-rpc.ts";

/** Sources that are asked over the network. */

export function httpSource(spec: HttpSource, client: WebClient): EpochSource {
  const { name, pointer } = spec;
  return boundedSource(name, async ({ signal }) => {
    const body = await bodyOf({ client, name, signal }, new URL(spec.url));
    return { epoch: pointer === undefined ? epochOfText(name, body, "any") : epochOfJson(name, body, pointer) };
  });
}

export function cometbftSource(spec: CometbftSource, client: WebClient): EpochSource {
  const status = new URL(below(spec.url, "status"));
  return boundedSource(spec.name, async ({ signal }) =>
    cometbftReading(spec, await bodyOf({ client, name: spec.name, signal }, status)),
  );
}

export function substrateSource(spec: SubstrateSource, client: WebClient): EpochSource {
  const { name } = spec;
  return boundedSource(name, async ({ signal }) => {
    using node = await openJsonRpc({ client, name, signal }, new URL(spec.url));
    if (!spec.allowCatchingUp) requireSynced(name, await node.call("system_health"));
    // awaited here: the connection is let go of at the end of this block
    return await finalized(spec, node);
  });
}

/** Height and session of one and the same block, whatever is finalized meanwhile. */
async function finalized({ name, unit }: SubstrateSource, node: JsonRpc): Promise<EpochReading> {
  const block = blockHash(name, await node.call("chain_getFinalizedHead"));
  const [header, stored] = await Promise.all([
    node.call("chain_getHeader", block),
    unit === "session" ? node.call("state_getStorage", SESSION_KEY, block) : undefined,
  ]);
  const height = blockHeight(name, header);
  return { epoch: stored === undefined ? height : sessionNumber(name, stored), detail: { height, block } };
}
