import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { answer, CHECKOUT } from "../engines/support/command.ts";
import { XSNAP_VERSIONS } from "../engines/support/engines.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { type Chain, NEEDS_COMETBFT, startChain } from "./support/cometbft.ts";
import { NEEDS_XSNAP, XSNAP, XsnapChannel } from "./support/xsnap-channel.ts";

const READER = fileURLToPath(new URL("support/epoch-reader.ts", import.meta.url));
const [W1, W2] = XSNAP_VERSIONS;
const PATIENCE_MS = 120_000;
/** Heights between the beginning of a case and its boundary. */
const AHEAD = 25;

describe("O4: watch follows a real chain", { skip: NEEDS_COMETBFT || NEEDS_XSNAP }, () => {
  const work = temporaryFolder();
  const running = new Set<ChildProcess>();
  let chain: Chain;

  before(async () => {
    chain = await startChain({ blockMs: 900 });
  });
  after(async () => {
    for (const child of running) child.kill("SIGKILL");
    await chain?.[Symbol.asyncDispose]();
  });

  function begin(command: string, ...words: readonly string[]) {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(ENGINERY_|NODE_|npm_)/.test(name)),
    );
    const child = spawn(command, words, { env, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
      });
    const ended = once(child, "close").then(([status]) => {
      running.delete(child);
      return status as number | null;
    });
    return { child, said, ended };
  }

  const watching = (home: string) =>
    begin(
      join(CHECKOUT, "bin", "enginery"),
      ...["watch", "--json", "--home", home, "--source", `cometbft:${chain.rpc}`],
      ...["--interval", "1", "--check-every", "2", "--lead-epochs", "15"],
    );
  const reading = (home: string, height: number) => begin(process.execPath, READER, home, "xsnap", `${height}`, W1, W2);

  async function until(condition: () => boolean, what: string, said: { readonly stderr: string }): Promise<void> {
    for (const end = Date.now() + PATIENCE_MS; !condition(); await sleep(20)) {
      if (Date.now() > end) throw new Error(`It never came to this: ${what}.\n${said.stderr}`);
    }
  }

  const observed = (home: string): number =>
    JSON.parse(readFileSync(join(home, "clock/observed.json"), "utf8")).epoch as number;
  const which = async (home: string) => (await answer<{ version: string }>(["which", "xsnap"], { home })).version;
  const proven = (version: string) => `"event":"proof","engine":"xsnap","version":"${version}","flaws":[]`;

  /** A home with W1 in effect; W2 is published when it is asked for. */
  async function scene(name: string) {
    const channel = await XsnapChannel.begin(join(work, name), name, "--unit", "height");
    await channel.publish([W1, 0]);
    const home = await channel.install("home", await chain.height());
    const publishNext = async () => {
      const height = (await chain.height()) + AHEAD;
      await channel.add(W2);
      await channel.publisher.deploy("xsnap", W2, height);
      await channel.publisher.sign("--epoch", `${height - AHEAD}`);
      return height;
    };
    return { home, channel, publishNext };
  }

  async function readNoGap(reader: ReturnType<typeof begin>): Promise<{ polls: number; longestMs: number }> {
    reader.child.kill("SIGTERM");
    assert.equal(await reader.ended, 0, reader.said.stderr);
    const told = JSON.parse(reader.said.stdout.trim().split("\n").at(-1) ?? "");
    assert.deepEqual([told.versions, told.wrong], [[W1, W2], []]);
    return told;
  }

  it("O4: the next release is fetched, verified and probed ahead; at its height it is in effect with no gap", async (t) => {
    t.diagnostic(XSNAP);
    const { home, publishNext } = await scene("followed");
    const watch = watching(home);
    await until(() => watch.said.stderr.includes(proven(W1)), "W1 is proven", watch.said);
    const height = await publishNext();
    const reader = reading(home, height);
    await until(() => watch.said.stderr.includes(proven(W2)), "W2 is proven", watch.said);
    assert.ok((await chain.height()) < height, "ahead of its height");
    assert.equal(await which(home), W1);
    await until(() => observed(home) >= height + 2, "the height", watch.said);
    assert.equal(await which(home), W2);
    const { polls, longestMs } = await readNoGap(reader);
    t.diagnostic(`${polls} readings, the longest pause ${longestMs.toFixed(1)} ms`);
    watch.child.kill("SIGTERM");
    assert.equal(await watch.ended, 0);
    assert.doesNotMatch(watch.said.stderr, /"event":"alarm"/);
  });

  it("O4: the same where watch is killed before the height and started again after it", async (t) => {
    t.diagnostic(XSNAP);
    const { home, publishNext } = await scene("killed");
    const first = watching(home);
    await until(() => first.said.stderr.includes(proven(W1)), "W1 is proven", first.said);
    const height = await publishNext();
    const reader = reading(home, height);
    await until(() => first.said.stderr.includes(proven(W2)), "W2 is proven", first.said);
    first.child.kill("SIGKILL");
    await first.ended;
    assert.ok(observed(home) < height, "killed before the height");
    await chain.reached(height + 2);
    assert.equal(await which(home), W1, "nobody has said otherwise");
    const second = watching(home);
    await until(() => observed(home) >= height, "the height is observed", second.said);
    assert.equal(await which(home), W2);
    await readNoGap(reader);
    second.child.kill("SIGTERM");
    assert.equal(await second.ended, 0);
  });

  it("O4: the next release is absent: an alarm with the epochs left", async (t) => {
    t.diagnostic(XSNAP);
    const { home, channel, publishNext } = await scene("absent");
    const first = watching(home);
    await until(() => first.said.stderr.includes(proven(W1)), "W1 is proven", first.said);
    const height = await publishNext();
    await until(() => first.said.stderr.includes(W2), "W2 is here", first.said);
    first.child.kill("SIGTERM");
    await first.ended;
    renameSync(channel.publisher.repository, `${channel.publisher.repository}-away`);
    renameSync(join(home, "engines", "xsnap", W2), join(work, "taken-away"));
    const second = watching(home);
    await until(
      () => second.said.stderr.includes("in-effect-not-installed"),
      "it is in effect and absent",
      second.said,
    );
    const lefts = second.said.stderr
      .split("\n")
      .filter((line) => line.includes('"alarm":"next-not-installed') && line.includes('"status":"firing"'))
      .map((line) => JSON.parse(line))
      .map(({ epoch, epochsLeft }) => [epoch + epochsLeft, epochsLeft] as const);
    assert.ok(lefts.length >= 2, second.said.stderr);
    assert.ok(lefts.every(([at]) => at === height));
    assert.deepEqual(
      lefts.map(([, left]) => left),
      lefts.map(([, left]) => left).toSorted((one, other) => other - one),
    );
    second.child.kill("SIGTERM");
    assert.equal(await second.ended, 0);
  });
});
