import assert from "node:assert/strict";
import { nodeDigester } from "../../src/adapters/node-digester.ts";
import { createTrustKeeper } from "../../src/adapters/tuf/keeper.ts";
import { EngineryError, type ErrorCode } from "../../src/core/errors.ts";
import type { Fetcher } from "../../src/ports/fetcher.ts";
import type { RefreshedTrust, RefreshRequest, TrustKeeper, TrustSet } from "../../src/ports/trust.ts";
import type { TufSimulator } from "./tuf-simulator.ts";

/** A client of a simulated repository that keeps what it believes, as a home does: only whole sets after a success. */
export class TrustClient {
  readonly keeper: TrustKeeper;
  readonly #simulator: TufSimulator;
  known: TrustSet;

  private constructor(simulator: TufSimulator, keeper: TrustKeeper, known: TrustSet) {
    this.#simulator = simulator;
    this.keeper = keeper;
    this.known = known;
  }

  /** Believes `1.root.json` and nothing else. */
  static async begin(simulator: TufSimulator, fetcher: Fetcher = simulator.fetcher()): Promise<TrustClient> {
    const keeper = createTrustKeeper(fetcher, nodeDigester);
    const root = { bytes: simulator.metadata("1.root.json") };
    return new TrustClient(simulator, keeper, await keeper.begin({ bases: [simulator.base], root }));
  }

  /** Begun, and refreshed once. */
  static async settled(simulator: TufSimulator, fetcher?: Fetcher): Promise<TrustClient> {
    const client = await TrustClient.begin(simulator, fetcher);
    await client.refresh();
    return client;
  }

  async refresh(request: Partial<RefreshRequest> = {}): Promise<RefreshedTrust> {
    const { base, channel, now } = this.#simulator;
    const { keeper, known } = this;
    const refreshed = await keeper.refresh({ known, bases: [base], channel, now, allowExpired: false, ...request });
    this.known = refreshed.set;
    return refreshed;
  }

  /** Refuses with `code` and a message that fits, and believes what it believed before, byte for byte. */
  async refuses(code: ErrorCode, message: RegExp, request: Partial<RefreshRequest> = {}): Promise<EngineryError> {
    const before = [...this.known].map(([file, bytes]) => [file, Buffer.from(bytes).toString("latin1")]);
    const error = await this.refresh(request).then(
      () => assert.fail(`was taken, and not refused with ${code}`),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof EngineryError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    const after = [...this.known].map(([file, bytes]) => [file, Buffer.from(bytes).toString("latin1")]);
    assert.deepEqual(after, before);
    return error;
  }

  version(role: string): number {
    const bytes = this.known.get(`${role}.json`);
    return bytes === undefined ? 0 : JSON.parse(new TextDecoder().decode(bytes)).signed.version;
  }
}
