import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { answer, enginery, jsonOf, told } from "../engines/support/command.ts";
import { XSNAP_VERSIONS } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { type SubstrateNode, startSubstrateNode, u32 } from "../support/substrate-node.ts";
import { NEEDS_XSNAP, XSNAP, XsnapChannel } from "./support/xsnap-channel.ts";

const FIRST = 100;
const STEP = 50;
const BLOCKS = 10;

interface Observed {
  readonly epoch: number;
  readonly before: number | null;
  readonly from: string;
  readonly sources: readonly { readonly name: string; readonly epoch?: number; readonly problem?: string }[];
}

describe("N2: Substrate endpoints say the session together", { skip: NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  const home = join(work, "home");
  const nodes: SubstrateNode[] = [];
  /** One over WebSocket, one over HTTP, one over WebSocket again: two must agree. */
  const sources = () => nodes.flatMap(({ ws, http }, at) => ["--source", `substrate:${at === 1 ? http : ws}`]);
  const observe = () => answer<Observed>(["observe", ...sources()], { home });
  const inEffect = async () => (await answer<{ version: string }>(["which", "xsnap"], { home })).version;
  /** All nodes are at the first block of that session. */
  const all = (session: number) => {
    for (const node of nodes) node.height = session * BLOCKS;
  };

  before(async () => {
    const channel = await XsnapChannel.begin(work, "sessions", "--unit", "session");
    await channel.publish(...XSNAP_VERSIONS.map((version, position) => [version, FIRST + position * STEP] as const));
    await channel.install("home");
    for (let count = 0; count < 3; count += 1) {
      nodes.push(await startSubstrateNode({ height: FIRST * BLOCKS, blocksPerSession: BLOCKS }));
    }
  });
  after(async () => {
    for (const node of nodes) await node.stop();
  });
  beforeEach(async () => {
    for (const node of nodes) {
      await node.stop();
      await node.start();
      node.lie = undefined;
      node.syncing = false;
    }
    await answer(["observe", `${FIRST}`, "--force", "each case begins anew", "--yes"], { home });
  });

  it("N2: the worker changes with the session that two of three endpoints say, and neither before nor after", async (t) => {
    t.diagnostic(XSNAP);
    const [, next] = XSNAP_VERSIONS;
    all(FIRST + STEP);
    for (const node of nodes) node.height -= 1;
    assert.deepEqual([(await observe()).epoch, await inEffect()], [FIRST + STEP - 1, XSNAP_VERSIONS[0]]);
    const [first, second] = nodes;
    assert.ok(first && second);
    first.height += 1;
    assert.deepEqual(
      [(await observe()).epoch, await inEffect()],
      [FIRST + STEP - 1, XSNAP_VERSIONS[0]],
      "one of three",
    );
    second.height += 1;
    const { epoch, before: seen, from } = await observe();
    assert.deepEqual([epoch, seen, await inEffect()], [FIRST + STEP, FIRST + STEP - 1, next], "two of three");
    assert.equal(from, `substrate:${first.ws}, substrate:${second.http}`);
  });

  it("N2: one endpoint that lies ahead, lags, is behind or is silent changes nothing", async (t) => {
    t.diagnostic(XSNAP);
    const faults: readonly ((node: SubstrateNode) => void)[] = [
      (node) => {
        node.height = 0x1fff_ffff * BLOCKS;
      },
      (node) => {
        node.height = BLOCKS;
      },
      (node) => {
        node.syncing = true;
      },
      (node) => {
        node.lie = ({ id, method }, honest, say) =>
          say(
            method === "state_getStorage" ? JSON.stringify({ jsonrpc: "2.0", id, result: u32(0xffff_ffff) }) : honest,
          );
      },
      (node) => {
        node.lie = (_, __, say) => say('{"jsonrpc":"2.0","id":1,"result":0}');
      },
    ];
    let session = FIRST;
    for (const [at, fault] of faults.entries()) {
      session += 1;
      all(session);
      const node = nodes[at % nodes.length];
      assert.ok(node);
      fault(node);
      const { epoch } = await observe();
      assert.equal(epoch, session, `fault ${at}`);
      node.lie = undefined;
      node.syncing = false;
    }
    assert.equal(await inEffect(), XSNAP_VERSIONS[0]);
  });

  it("N2: through reconnects the session rises; with too few endpoints it is unknown, and what was seen holds", async (t) => {
    t.diagnostic(XSNAP);
    const [first, second, third] = nodes;
    assert.ok(first && second && third);
    all(FIRST + STEP);
    assert.equal((await observe()).epoch, FIRST + STEP);
    await first.stop();
    all(FIRST + STEP + 1);
    const one = await enginery(["observe", ...sources()], { home });
    assert.equal(one.status, 0, told(one));
    assert.match(one.stderr, /substrate:ws:.* refuses the connection/, "the one that is gone is told of");
    await third.stop();
    all(FIRST + STEP + 2);
    const two = await enginery(["observe", ...sources(), "--json"], { home });
    assert.equal(two.status, 8, told(two));
    assert.equal(jsonOf<{ error: { code: string } }>(two).error.code, "epoch-unknown");
    await second.stop();
    const none = await enginery(["observe", ...sources(), "--json"], { home });
    assert.equal(none.status, 7, told(none));
    assert.equal(jsonOf<{ error: { code: string } }>(none).error.code, "epoch-unreadable");
    assert.equal(await inEffect(), XSNAP_VERSIONS[1], "what was seen holds");
    for (const node of nodes) await node.start();
    assert.deepEqual([(await observe()).epoch, (await observe()).before], [FIRST + STEP + 2, FIRST + STEP + 2]);
  });

  it("N2: endpoints that go back together are refused, and the worker stays", async (t) => {
    t.diagnostic(XSNAP);
    all(FIRST + STEP);
    await observe();
    all(FIRST);
    const back = await enginery(["observe", ...sources(), "--json"], { home });
    assert.equal(back.status, 3, told(back));
    assert.equal(jsonOf<{ error: { code: string } }>(back).error.code, "observation-lower");
    assert.equal(await inEffect(), XSNAP_VERSIONS[1]);
  });

  it("N2: while each endpoint breaks off, lags and lies in turn, no session is recorded that the chain has not begun", async (t) => {
    t.diagnostic(XSNAP);
    let session = FIRST;
    for (let round = 0; round < 24; round += 1) {
      session += 2;
      all(session);
      const [bad, other] = [nodes[round % 3], nodes[(round + 1) % 3]];
      assert.ok(bad && other);
      if (round % 4 === 0) bad.lie = (_, __, say) => void (say.peer?.drop() ?? say.response?.destroy());
      if (round % 4 === 1) bad.height = session * BLOCKS * 1000;
      if (round % 4 === 2) bad.height = BLOCKS;
      if (round % 4 === 3) await bad.stop();
      // a second one is a block behind, as honest nodes are
      other.height -= 1;
      const { epoch, before: seen } = await observe();
      assert.ok(epoch <= session && epoch >= session - 1, `round ${round}: ${epoch}, and the chain is at ${session}`);
      assert.ok(seen !== null && epoch >= seen, `round ${round}: ${epoch} after ${seen}`);
      bad.lie = undefined;
      if (round % 4 === 3) await bad.start();
    }
  });
});
