import { canonicalJson } from "../../../src/core/json.ts";

const HASH = "a".repeat(64);

const release = {
  archive: { sha256: HASH, bytes: 1, format: "tar.zst", root: "" },
  pieces: { sha256: HASH, bytes: 1 },
  tree: { sha256: HASH, bytes: 1, digest: HASH, files: 1, unpackedBytes: 1 },
  entries: { toy: { path: "toy", kind: "executable" } },
};

function engineOf(versions: readonly string[], change: object = {}) {
  return {
    rules: { maxFuture: null, maxDeployments: null, alterPending: "deny" },
    deployments: versions.map((version, index) => ({ version, validFrom: index * 10 })),
    releases: Object.fromEntries(
      versions.map((version) => [version, { platforms: { any: { ...release, ...change } } }]),
    ),
  };
}

const engine = engineOf(["1.0.0"]);

/** The bytes of a manifest that is in order, with members put in the place of its own. */
export const SOUND_MANIFEST = {
  release,
  engine,
  with: (change: object): Uint8Array =>
    canonicalJson({
      format: 1,
      channel: "main",
      serial: 1,
      previous: null,
      publishedEpoch: 0,
      unit: "epoch",
      engines: { toy: engine },
      ...change,
    }),
  withRelease: (change: object): Uint8Array => SOUND_MANIFEST.with({ engines: { toy: engineOf(["1.0.0"], change) } }),
  withVersions: (versions: readonly string[]): Uint8Array =>
    SOUND_MANIFEST.with({ engines: { toy: engineOf(versions) } }),
};
