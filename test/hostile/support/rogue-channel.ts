import { canonicalJson } from "../../../src/core/json.ts";
import type { Engine, EntryPoint, Manifest, PlatformRelease } from "../../../src/core/model/manifest.ts";
import type { Tree } from "../../../src/core/model/tree.ts";
import { encodePieces } from "../../../src/core/parse-tree.ts";
import type { TestWorld } from "../../support/test-world.ts";
import { encode, TufSimulator } from "../../support/tuf-simulator.ts";
import { piecesOf, sha256 } from "./unpacking.ts";

/** A release as its publisher signs it: whatever it is, every hash and signature is right. */
export interface RogueRelease {
  readonly version: string;
  readonly validFrom: number;
  readonly archive: { readonly format: "tar.zst" | "tar.gz"; readonly bytes: Uint8Array };
  readonly tree: Tree;
  readonly entries?: Readonly<Record<string, EntryPoint>>;
  /** What the manifest says of it beyond that. */
  readonly more?: Partial<PlatformRelease>;
}

export const ROGUE_ENGINE = "toy";

/** A channel whose publisher has turned against its followers: it signs anything. In memory; `serve` puts it on loopback. */
export class RogueChannel {
  readonly simulator: TufSimulator;
  readonly world: TestWorld;
  /** The publisher's epoch, of what is published from now on. */
  epoch = 0;
  #first: Manifest | undefined;
  #serial = 0;

  constructor(world: TestWorld) {
    this.simulator = new TufSimulator();
    this.world = world;
    world.time = this.simulator.now;
  }

  get rootSha256(): string {
    return sha256(this.simulator.metadata("1.root.json"));
  }

  /** Publishes `releases` after the first manifest, in place of all since; `change` may spoil the manifest. */
  publish(releases: readonly RogueRelease[], change: (manifest: Manifest) => unknown = (manifest) => manifest): void {
    const engine: Engine = {
      rules: { maxFuture: null, maxDeployments: null, alterPending: "allow" },
      deployments: releases.map(({ version, validFrom }) => ({ version, validFrom })),
      releases: Object.fromEntries(
        releases.map((release) => [release.version, { platforms: { any: this.#release(release) } }]),
      ),
    };
    this.#serial += 1;
    const manifest: Manifest = {
      format: 1,
      channel: "main",
      serial: this.#serial,
      previous: this.#first === undefined ? null : sha256(canonicalJson(this.#first)),
      publishedEpoch: this.epoch,
      unit: "epoch",
      engines: { [ROGUE_ENGINE]: engine },
    };
    this.#first ??= manifest;
    const changed = change(manifest);
    const bytes = typeof changed === "string" ? encode(changed) : canonicalJson(changed as Manifest);
    this.simulator.setManifest(bytes);
    this.simulator.publish();
  }

  #release({ archive, tree, entries = {}, more }: RogueRelease): PlatformRelease {
    const treeBytes = canonicalJson(tree);
    const archiveHash = sha256(archive.bytes);
    this.simulator.files.set(`archives/${archiveHash}.${archive.format}`, archive.bytes);
    return {
      archive: { sha256: archiveHash, bytes: archive.bytes.length, format: archive.format, root: "" },
      pieces: this.#document("pieces", encodePieces(piecesOf(archive.bytes))),
      tree: {
        ...this.#document("trees", treeBytes),
        digest: sha256(treeBytes),
        files: tree.files.length,
        unpackedBytes: tree.files.reduce((sum, { bytes }) => sum + bytes, 0),
      },
      entries,
      ...more,
    };
  }

  #document(folder: string, bytes: Uint8Array): { sha256: string; bytes: number } {
    const served = this.world.compression.compress(bytes);
    this.simulator.files.set(`${folder}/${sha256(served)}.json.zst`, served);
    return { sha256: sha256(served), bytes: served.length };
  }
}
