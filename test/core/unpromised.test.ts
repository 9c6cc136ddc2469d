import assert from "node:assert/strict";
import { test } from "node:test";
import type { Installation, Pin } from "../../src/core/model/home.ts";
import type { Manifest } from "../../src/core/model/manifest.ts";
import { pinnedOf, unpromised, unpromisedText } from "../../src/core/unpromised.ts";

const RULES = { maxFuture: null, maxDeployments: null, alterPending: "deny" } as const;
const MANIFEST: Manifest = {
  format: 1,
  channel: "demo",
  serial: 1,
  previous: null,
  publishedEpoch: null,
  unit: "epoch",
  engines: {
    xs: {
      rules: RULES,
      deployments: [{ version: "3.0.0", validFrom: 0 }],
      releases: {
        "2.0.0": { platforms: {} },
        "3.0.0": { platforms: {} },
        "4.0.0": { platforms: {}, withdrawn: "it traps" },
      },
    },
    free: { rules: RULES, deployments: [], releases: { "1.0.0": { platforms: {} } } },
  },
};
const installed = (engine: string, version: string): Installation => ({
  engine,
  version,
  platform: "any",
  tree: "a".repeat(64),
  bytes: 1,
  files: 1,
  entries: {},
});

test("what the manifest does not promise of what is installed, and who is pinned to it", () => {
  const here = ["xs@1.0.0", "xs@2.0.0", "xs@3.0.0", "xs@4.0.0", "free@1.0.0", "gone@1.0.0"].map((name) => {
    const [engine = "", version = ""] = name.split("@");
    return installed(engine, version);
  });
  const found = unpromised(MANIFEST, here);
  assert.deepEqual(
    found.map(({ engine, version, change }) => `${engine}@${version} ${change}`),
    ["xs@1.0.0 removed", "xs@2.0.0 retired", "xs@4.0.0 withdrawn", "gone@1.0.0 removed"],
  );
  const pin = (tenant: string, version: string): Pin => ({
    format: 1,
    tenant,
    engine: "xs",
    version,
    tree: "a".repeat(64),
    at: "2027-01-01T00:00:00Z",
  });
  const pinned = pinnedOf(found, [pin("b", "2.0.0"), pin("a", "2.0.0"), pin("c", "3.0.0")]);
  assert.deepEqual(pinned.map(unpromisedText), [
    "xs@2.0.0 is not deployed by the schedule, and 2 tenants are pinned to it: a, b. It stays installed, and they stay on it.",
  ]);
});
