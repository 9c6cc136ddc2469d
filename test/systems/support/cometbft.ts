import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Prepared, pathOf, reasonToSkip } from "../../engines/support/engines.ts";
import { COMETBFT_VERSION } from "./prepare-cometbft.ts";

/** A real chain of one validator on this machine, deciding blocks by itself. */
export interface Chain extends AsyncDisposable {
  /** As `http://127.0.0.1:PORT`; the same after `stop` and `start`. */
  readonly rpc: string;
  /** What `/status` says, read by the test itself. */
  status(): Promise<{ readonly height: number; readonly catchingUp: boolean }>;
  height(): Promise<number>;
  /** Until the chain has reached it; at most two minutes. */
  reached(height: number): Promise<number>;
  /** By its process's id; blocks stop, and the address refuses connections. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /**
   * Another node of the same chain with this one's blocks so far and nobody to fetch more from: it knows that it is behind. This one
   * must be stopped while it is copied.
   */
  behind(): Promise<Chain>;
}

export interface ChainOptions {
  /** From one block to the next, as far as the machine keeps up; default 250. */
  readonly blockMs?: number;
}

export const NEEDS_COMETBFT = reasonToSkip(preparedCometbft());
export const COMETBFT = `engine: none (chain: CometBFT ${COMETBFT_VERSION}, built from Go modules)`;

const PATIENCE_MS = 120_000;

export async function startChain({ blockMs = 250 }: ChainOptions = {}): Promise<Chain> {
  const home = mkdtempSync(join(tmpdir(), "enginery-chain-"));
  initialize(home);
  const config = join(home, "config", "config.toml");
  writeFileSync(
    config,
    readFileSync(config, "utf8").replace(/^timeout_commit = .*$/m, `timeout_commit = "${blockMs}ms"`),
  );
  const chain = chainIn(home);
  await chain.start();
  await chain.reached(1);
  return chain;
}

function chainIn(home: string): Chain {
  const node: { child?: ChildProcess; rpc: string } = { rpc: "" };
  // where the test's own process is ended, nothing of it stays
  const endWithUs = () => node.child?.kill("SIGKILL");
  process.on("exit", endWithUs);

  const chain: Chain = {
    get rpc() {
      return node.rpc;
    },
    status: async () => {
      const answer = await fetch(`${node.rpc}/status`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      const { result } = (await answer.json()) as { readonly result: { readonly sync_info: SyncInfo } };
      return { height: Number(result.sync_info.latest_block_height), catchingUp: result.sync_info.catching_up };
    },
    height: async () => (await chain.status()).height,
    reached: async (height) => {
      for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) {
        const now = await chain.height();
        if (now >= height) return now;
      }
      throw new Error(`The chain did not reach height ${height}: ${logOf(home).slice(-2000)}`);
    },
    start: async () => {
      const port = node.rpc === "" ? "0" : new URL(node.rpc).port;
      node.child = startNode(home, port);
      node.rpc = `http://127.0.0.1:${await servedPort(home, node.child)}`;
    },
    stop: async () => {
      const { child } = node;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await gone;
      clearTimeout(late);
    },
    behind: async () => {
      const copy = mkdtempSync(join(tmpdir(), "enginery-chain-"));
      initialize(copy);
      for (const part of ["data", "config/genesis.json", "config/config.toml"]) {
        rmSync(join(copy, part), { recursive: true });
        cpSync(join(home, part), join(copy, part), { recursive: true });
      }
      // of a validator that this chain does not have
      writeFileSync(join(copy, "data", "priv_validator_state.json"), '{"height":"0","round":0,"step":0}');
      const other = chainIn(copy);
      await other.start();
      return other;
    },
    [Symbol.asyncDispose]: async () => {
      await chain.stop();
      process.removeListener("exit", endWithUs);
      rmSync(home, { recursive: true, force: true });
    },
  };
  return chain;
}

interface SyncInfo {
  readonly latest_block_height: string;
  readonly catching_up: boolean;
}

function initialize(home: string): void {
  const made = spawnSync(pathOf(preparedCometbft()), ["init", "--home", home], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`cometbft init: ${made.error?.message ?? made.stderr}`);
  mkdirSync(join(home, "log"));
}

function startNode(home: string, port: string): ChildProcess {
  const log = openSync(logPath(home), "w");
  const addresses = ["--rpc.laddr", `tcp://127.0.0.1:${port}`, "--p2p.laddr", "tcp://127.0.0.1:0", "--p2p.pex=false"];
  const words = ["node", "--home", home, "--proxy_app", "kvstore", ...addresses];
  const child = spawn(pathOf(preparedCometbft()), [...words, "--log_level", "rpc-server:info,*:error"], {
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  return child;
}

/** The node tells it: the system chose it the first time. */
async function servedPort(home: string, child: ChildProcess): Promise<string> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end && child.exitCode === null; await sleep(20)) {
    const port = /Starting RPC HTTP server on 127\.0\.0\.1:(\d+)/.exec(logOf(home))?.[1];
    if (port !== undefined) return port;
  }
  child.kill("SIGKILL");
  throw new Error(`The node did not start: ${logOf(home).slice(-2000)}`);
}

function logPath(home: string): string {
  return join(home, "log", "node.log");
}

function logOf(home: string): string {
  return readFileSync(logPath(home), "utf8");
}

/** What scripts/systems.ts prepared. */
function preparedCometbft(): Prepared {
  const said = process.env["ENGINERY_TEST_COMETBFT"];
  if (said === undefined) throw new Error("Run this through `npm run test:systems`.");
  return JSON.parse(said) as Prepared;
}
