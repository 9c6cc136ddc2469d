import assert from "node:assert/strict";
import { createEpochSource } from "../../../src/adapters/epoch/create.ts";
import { parseEpochSource } from "../../../src/core/epoch-source.ts";
import { isEngineryError } from "../../../src/core/errors.ts";
import type { EpochReading } from "../../../src/ports/epoch-source.ts";

export interface ReadOptions {
  /** Generous: only what must run into it says less. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
}

export function read(text: string, { timeoutMs = 20_000, signal, env = {} }: ReadOptions = {}): Promise<EpochReading> {
  const source = createEpochSource(parseEpochSource(text), {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    userAgent: "enginery-test",
  });
  return source.read({ timeoutMs, signal });
}

/** The reading fails, in time, and says why. */
export async function unreadable(text: string, why: RegExp, options?: ReadOptions): Promise<void> {
  await assert.rejects(read(text, options), (error: unknown) => {
    assert.ok(isEngineryError(error, "epoch-unreadable"), `${text}: ${String(error)}`);
    assert.match(error.message, why);
    return true;
  });
}
