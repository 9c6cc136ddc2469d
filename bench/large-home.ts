import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { composeWorld } from "../src/compose.ts";
import { canonicalJson } from "../src/core/json.ts";
import type { Installation, Pin } from "../src/core/model/home.ts";
import type { Manifest } from "../src/core/model/manifest.ts";
import { createHome, type Home } from "../src/store/home.ts";
import { unsynced } from "../test/sim/unsynced-file-system.ts";

export const ENGINE = "sample";
const AT = "2027-01-01T00:00:00.000Z";

export const versionAt = (at: number): string => `${at + 1}.0.0`;
export const tenantAt = (at: number): string => `tenant-${at}`;
export const treeOf = (version: string): string => createHash("sha256").update(version).digest("hex");

/** A home whose records say that so many releases are deployed, and the first of them installed: no files of theirs. */
export function largeHome(path: string, deployments: number, installed = deployments): Home {
  // what is measured is reading
  const world = composeWorld();
  const home = createHome(
    path,
    { ...world, fileSystem: unsynced(world.fileSystem) },
    { format: 1, repository: "/repository", channel: "bench" },
  );
  const versions = Array.from({ length: deployments }, (_, at) => versionAt(at));
  const manifest: Manifest = {
    format: 1,
    channel: "bench",
    serial: 1,
    previous: null,
    publishedEpoch: null,
    unit: "epoch",
    engines: {
      [ENGINE]: {
        rules: { maxFuture: null, maxDeployments: null, alterPending: "deny" },
        deployments: versions.map((version, at) => ({ version, validFrom: at * 10 })),
        releases: Object.fromEntries(versions.map((version) => [version, { platforms: { any: releaseOf(version) } }])),
      },
    },
  };
  const bytes = canonicalJson(manifest);
  home.manifests.keep(bytes);
  home.generations.commit({
    format: 1,
    number: 1,
    operation: "0".repeat(32),
    cause: "install",
    at: AT,
    channel: "bench",
    trustSet: 1,
    manifest: { serial: 1, sha256: createHash("sha256").update(bytes).digest("hex") },
    installations: versions.slice(0, installed).toSorted(byNumber).map(installationOf),
    selections: {},
  });
  for (const version of versions.slice(0, installed)) layOutSample(home, version);
  return home;
}

/** The entry point and the seal, so that what asks for the release finds one. */
function layOutSample(home: Home, version: string): void {
  const folder = home.installations.path(ENGINE, version);
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "bin", "sample"), "#!/bin/sh\n", { mode: 0o555 });
  const seal = { format: 1, engine: ENGINE, version, platform: "any", tree: treeOf(version), bytes: 1, files: 1 };
  writeFileSync(join(folder, "SEAL.json"), canonicalJson(seal));
}

/** Seven releases by turns, or whatever `releaseAt` answers. */
export async function pinMany(home: Home, count: number, releaseAt = sampleAt): Promise<void> {
  const pins = Array.from({ length: count }, (_, at): Pin => {
    return { format: 1, tenant: tenantAt(at), engine: ENGINE, ...releaseAt(at), at: AT };
  });
  for (let at = 0; at < count; at += 5_000) await home.pins.putAll(pins.slice(at, at + 5_000));
}

function sampleAt(at: number): Pick<Pin, "version" | "tree"> {
  const version = versionAt(at % 7);
  return { version, tree: treeOf(version) };
}

function byNumber(one: string, other: string): number {
  return Number.parseInt(one, 10) - Number.parseInt(other, 10);
}

function releaseOf(version: string) {
  const document = { sha256: "a".repeat(64), bytes: 1 };
  return {
    archive: { ...document, format: "tar.zst", root: "" } as const,
    pieces: document,
    tree: { ...document, digest: treeOf(version), files: 1, unpackedBytes: 1 },
    entries: { [ENGINE]: { path: "bin/sample", kind: "executable" } as const },
  };
}

function installationOf(version: string): Installation {
  const entries = { [ENGINE]: { path: "bin/sample", kind: "executable" } as const };
  return { engine: ENGINE, version, platform: "any", tree: treeOf(version), bytes: 1, files: 1, entries };
}
