import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { read, unreadable } from "../adapters/support/epoch-readings.ts";
import { COMETBFT, NEEDS_COMETBFT, startChain } from "./support/cometbft.ts";

describe("N1: a real CometBFT chain says the epoch", { skip: NEEDS_COMETBFT, concurrency: false }, () => {
  it("N1: the heights of a real CometBFT chain rise as its blocks are decided, and are never ahead of it", async (t) => {
    t.diagnostic(COMETBFT);
    await using chain = await startChain();
    const source = `cometbft:${chain.rpc}`;
    let last = 0;
    for (let readings = 0; readings < 20; readings += 1) {
      const before = await chain.height();
      const { epoch, detail } = await read(source);
      const after = await chain.height();
      assert.ok(before <= epoch && epoch <= after, `${before} <= ${epoch} <= ${after}`);
      assert.ok(epoch >= last);
      assert.match(String(detail?.["block"]), /^[0-9A-F]{64}$/);
      last = epoch;
      await chain.reached(epoch + 1);
    }
    const { epoch, detail } = await read(`${source}?every=7`);
    assert.equal(epoch, Math.floor(Number(detail?.["height"]) / 7));
  });

  it("N1: a chain that has stopped is unreadable, and read again once it goes on", async (t) => {
    t.diagnostic(COMETBFT);
    await using chain = await startChain();
    const source = `cometbft:${chain.rpc}`;
    const { epoch } = await read(source);
    await chain.stop();
    await unreadable(source, /refuses the connection/);
    await chain.start();
    await chain.reached(epoch + 1);
    assert.ok((await read(source)).epoch > epoch, "the same chain goes on");
  });

  it("N1: a node that is catching up does not count, unless that is asked for", async (t) => {
    t.diagnostic(COMETBFT);
    await using chain = await startChain();
    await chain.reached(5);
    await chain.stop();
    await using other = await chain.behind();
    const { height, catchingUp } = await other.status();
    assert.ok(catchingUp && height >= 5, `at ${height}`);
    await unreadable(`cometbft:${other.rpc}`, new RegExp(`is catching up, at height ${height}`));
    assert.equal((await read(`cometbft:${other.rpc}?catching-up=allow`)).epoch, height);
  });
});
