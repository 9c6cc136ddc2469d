import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Manifest, PlatformRelease } from "../../src/core/model/manifest.ts";
import { enginery, jsonOf, type Ran, sound, told } from "./support/command.ts";
import { contentOf } from "./support/folders.ts";
import { keyFiles, republish, sha256 } from "./support/forge.ts";
import { HOST_PLATFORM } from "./support/publisher.ts";
import { Toy } from "./support/toy.ts";

/** Every signature is right, and what was signed is not: the publisher's tools were left out, or its keys are in other hands. */
describe("what a publisher with all its keys may not do", () => {
  let toy: Toy;
  let home: string;

  before(async () => {
    toy = await Toy.start();
    const { root } = await toy.publisher.init();
    await toy.publish("1.0.0", 0);
    await toy.publish("2.0.0", 100);
    await toy.publisher.sign("--epoch", "50");
    home = await toy.install(root.path);
  });
  after(async () => await toy.stop());

  /** `upgrade` after this change of the manifest; the next in the chain, unless the change says otherwise. */
  async function upgraded(
    change: (manifest: Manifest) => Manifest,
    ...flags: readonly string[]
  ): Promise<{ ran: Ran; before: Content; after: Content }> {
    const forged = toy.copy();
    const previous = sha256(readFileSync(join(forged, "targets", "channels", "toys.json")));
    republish(forged, keyFiles(toy.publisher.keys), "toys", (manifest) =>
      change({ ...manifest, serial: manifest.serial + 1, previous, publishedEpoch: 50 }),
    );
    toy.serve(forged);
    const copy = toy.copy(home);
    const before = lasting(copy);
    const ran = await enginery(["upgrade", "--json", ...flags], { home: copy });
    return { ran, before, after: lasting(copy) };
  }

  const refused: readonly [string, (manifest: Manifest) => Manifest, number, RegExp][] = [
    ["give a manifest of another channel", (manifest) => ({ ...manifest, channel: "testnet" }), 4, /^trust-channel$/],
    [
      "go back to an older serial",
      (manifest) => ({ ...manifest, serial: manifest.serial - 2 }),
      4,
      /^trust-(rollback|format)$/,
    ],
    ["break the chain", (manifest) => ({ ...manifest, previous: "ab".repeat(32) }), 4, /^trust-chain$/],
    [
      "move what is in effect",
      (manifest) =>
        deployed(manifest, [
          ["1.0.0", 1],
          ["2.0.0", 100],
        ]),
      3,
      /^schedule-/,
    ],
    [
      "move what is pending, where the rules deny it",
      (manifest) =>
        deployed(manifest, [
          ["1.0.0", 0],
          ["2.0.0", 90],
        ]),
      3,
      /^schedule-alter-pending$/,
    ],
    ["take away what is in effect", (manifest) => deployed(manifest, [["2.0.0", 100]]), 3, /^schedule-/],
    [
      "schedule what has no release",
      (manifest) =>
        deployed(manifest, [
          ["1.0.0", 0],
          ["2.0.0", 100],
          ["3.0.0", 200],
        ]),
      3,
      /^schedule-no-release$/,
    ],
    [
      "order a later version before an earlier",
      (manifest) =>
        deployed(manifest, [
          ["1.0.0", 0],
          ["2.0.0", 100],
          ["1.5.0", 200],
        ]),
      3,
      /^schedule-/,
    ],
    [
      "give a published version other bytes",
      (manifest) => released(manifest, "1.0.0", (_, other) => other),
      3,
      /^release-changed$/,
    ],
    [
      "write a manifest that is none",
      (manifest) => ({ ...manifest, format: 2 }) as unknown as Manifest,
      5,
      /^document-invalid$/,
    ],
  ];
  for (const [what, change, status, code] of refused) {
    it(what, async () => {
      const { ran, before, after } = await upgraded(change);
      assert.equal(ran.status, status, told(ran));
      assert.match(jsonOf<{ error: { code: string } }>(ran).error.code, code, told(ran));
      assert.deepEqual(after, before, "the home is byte for byte as before");
    });
  }

  it("ship an archive with anything but the signed tree", async () => {
    // 3.0.0 is all of 1.0.0, in the archive of 2.0.0
    const mix = (manifest: Manifest) => {
      const engine = manifest.engines["toy"];
      const [one, two] = [platformOf(manifest, "1.0.0"), platformOf(manifest, "2.0.0")];
      if (engine === undefined) throw new Error("no toy");
      const mixed = { ...one, archive: two.archive, pieces: two.pieces };
      const releases = { ...engine.releases, "3.0.0": { platforms: { [HOST_PLATFORM]: mixed } } };
      return deployed({ ...manifest, engines: { toy: { ...engine, releases } } }, [
        ["1.0.0", 0],
        ["2.0.0", 100],
        ["3.0.0", 200],
      ]);
    };
    // the files of 1.0.0 are here, and would do without any archive
    const { ran } = await upgraded(mix, "--no-deltas");
    assert.equal(ran.status, 5, told(ran));
    const { failed } = jsonOf<{ failed: { version: string; code: string }[] }>(ran);
    assert.deepEqual(
      failed.map(({ version }) => version),
      ["3.0.0"],
      told(ran),
    );
    assert.match(failed[0]?.code ?? "", /^(tree-mismatch|hash-mismatch|archive-hostile)$/);
  });

  it("and an honest next manifest is taken", async () => {
    const { ran } = await upgraded((manifest) => manifest);
    assert.equal(ran.status, 0, told(ran));
    await sound(["verify"], { home });
  });
});

type Content = ReadonlyMap<string, string>;

function lasting(home: string): Content {
  return new Map([...contentOf(home)].filter(([path]) => !/^(cache|staging)(\/|$)/.test(path)));
}

function deployed(manifest: Manifest, schedule: readonly (readonly [version: string, validFrom: number])[]): Manifest {
  const { toy } = manifest.engines;
  if (toy === undefined) throw new Error("no toy");
  const deployments = schedule.map(([version, validFrom]) => ({ version, validFrom }));
  return { ...manifest, engines: { toy: { ...toy, deployments } } };
}

function released(
  manifest: Manifest,
  version: string,
  change: (own: PlatformRelease, other: PlatformRelease) => PlatformRelease,
): Manifest {
  const { toy } = manifest.engines;
  if (toy === undefined) throw new Error("no toy");
  const changed = change(platformOf(manifest, version), platformOf(manifest, "2.0.0"));
  const releases = { ...toy.releases, [version]: { platforms: { [HOST_PLATFORM]: changed } } };
  return { ...manifest, engines: { toy: { ...toy, releases } } };
}

function platformOf(manifest: Manifest, version: string): PlatformRelease {
  const release = manifest.engines["toy"]?.releases[version]?.platforms[HOST_PLATFORM];
  if (release === undefined) throw new Error(`no release ${version}`);
  return release;
}
