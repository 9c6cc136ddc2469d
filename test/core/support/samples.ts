import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type ErrorCode, isEngineryError } from "../../../src/core/errors.ts";
import type { Generation, Installation } from "../../../src/core/model/home.ts";
import type { Deployment, Engine, EntryPoint, Manifest, Release, Rules } from "../../../src/core/model/manifest.ts";

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A hash that belongs to nothing but `name`. */
export const hashOf = (name: string): string => sha256(new TextEncoder().encode(name));

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export const NO_RULES: Rules = { maxFuture: null, maxDeployments: null, alterPending: "deny" };

export const ENTRY: EntryPoint = { path: "bin/xs", kind: "executable" };

/** `["1.0.0", 0]` is 1.0.0 valid from 0. */
export type Row = readonly [version: string, validFrom: number];

export const deploymentsOf = (rows: readonly Row[]): Deployment[] =>
  rows.map(([version, validFrom]) => ({ version, validFrom }));

export function releaseOf(
  name: string,
  change: Partial<Release> = {},
  platforms: readonly string[] = ["linux-x64"],
): Release {
  const build = {
    archive: { sha256: hashOf(`archive ${name}`), bytes: 10, format: "tar.zst", root: "" },
    pieces: { sha256: hashOf(`pieces ${name}`), bytes: 10 },
    tree: { sha256: hashOf(`served ${name}`), bytes: 10, digest: hashOf(name), files: 1, unpackedBytes: 100 },
    entries: { xs: ENTRY },
  } as const;
  return { platforms: Object.fromEntries(platforms.map((platform) => [platform, build])), ...change };
}

/** An engine with these deployments and a release for each, and for each of `more`. */
export function engineOf(rows: readonly Row[], change: Partial<Engine> = {}, more: readonly string[] = []): Engine {
  const versions = [...rows.map(([version]) => version), ...more];
  return {
    rules: NO_RULES,
    deployments: deploymentsOf(rows),
    releases: Object.fromEntries(versions.map((version) => [version, releaseOf(`xs ${version}`)])),
    ...change,
  };
}

export function manifestOf(engines: Readonly<Record<string, Engine>>, change: Partial<Manifest> = {}): Manifest {
  return {
    format: 1,
    channel: "main",
    serial: 1,
    previous: null,
    publishedEpoch: null,
    unit: "epoch",
    engines,
    ...change,
  };
}

export function installationOf(engine: string, version: string, change: Partial<Installation> = {}): Installation {
  return {
    engine,
    version,
    platform: "linux-x64",
    tree: hashOf(`${engine} ${version}`),
    bytes: 100,
    files: 1,
    entries: { xs: ENTRY },
    ...change,
  };
}

export function generationOf(installations: readonly Installation[], change: Partial<Generation> = {}): Generation {
  return {
    format: 1,
    number: 1,
    operation: "0123456789abcdef",
    cause: "install",
    at: "2026-01-02T03:04:05.678Z",
    channel: "main",
    trustSet: 1,
    manifest: { serial: 1, sha256: hashOf("manifest") },
    installations,
    selections: {},
    ...change,
  };
}

/** The call is refused with this code, in one sentence that holds each of `words`. */
export function refuses(code: ErrorCode, call: () => unknown, ...words: readonly string[]): void {
  assert.throws(call, (error: unknown) => {
    assert.ok(isEngineryError(error), `not ours: ${String(error)}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, /\.$/);
    for (const word of words) assert.ok(error.message.includes(word), `"${word}" is not in: ${error.message}`);
    return true;
  });
}
