import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeDigester } from "../../../src/adapters/node-digester.ts";
import { type ConformanceClient, createConformanceClient } from "../../../src/adapters/tuf/conformance.ts";
import { EngineryError, type ErrorCode } from "../../../src/core/errors.ts";
import type { Json, SimulatedKey, TufSimulator } from "../../support/tuf-simulator.ts";
import { encode, seal, sha256 } from "../../support/tuf-simulator.ts";

/** The client of the conformance suite, in this process, against a simulated repository; its folders are removed at the end. */
export class Scene implements Disposable {
  readonly simulator: TufSimulator;
  readonly folder = mkdtempSync(join(tmpdir(), "enginery-tuf-client-"));
  readonly metadata = join(this.folder, "metadata");
  readonly downloads = join(this.folder, "downloads");

  constructor(simulator: TufSimulator) {
    this.simulator = simulator;
  }

  /** Begun with `1.root.json`. */
  static begun(simulator: TufSimulator): Scene {
    const scene = new Scene(simulator);
    scene.client().init(scene.rootFile());
    return scene;
  }

  rootFile(bytes = this.simulator.metadata("1.root.json")): string {
    const path = join(this.folder, "given-root.json");
    writeFileSync(path, bytes);
    return path;
  }

  /** As a new process would be. */
  client(metadata = this.metadata): ConformanceClient {
    const { simulator } = this;
    return createConformanceClient({
      fetcher: simulator.fetcher(),
      digester: nodeDigester,
      metadata,
      now: simulator.now,
    });
  }

  refresh(): Promise<void> {
    return this.client().refresh(`${this.simulator.base}/metadata`);
  }

  download(...names: string[]): Promise<void> {
    const { base } = this.simulator;
    return this.client().download(`${base}/metadata`, { names, baseUrl: `${base}/targets`, folder: this.downloads });
  }

  async refuses(what: Promise<void>, code: ErrorCode, message: RegExp): Promise<void> {
    const error = await what.then(
      () => assert.fail(`was taken, and not refused with ${code}`),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof EngineryError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
  }

  /** Versions by file name, of all that is believed. Every file must be whole. */
  versions(): Record<string, number> {
    const files = readdirSync(this.metadata).filter((name) => name.endsWith(".json"));
    return Object.fromEntries(
      files.sort().map((name) => [name, JSON.parse(readFileSync(join(this.metadata, name), "utf8")).signed.version]),
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Delegation {
  readonly name: string;
  readonly keys: readonly SimulatedKey[];
  readonly paths?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Of the entry in `delegations.roles`. */
  readonly edit?: (entry: Json) => void;
  /** Of what the role signs. */
  readonly editSigned?: (signed: Json) => void;
}

/** Publishes targets that delegate, in this order. */
export function delegate(simulator: TufSimulator, delegations: readonly Delegation[]): void {
  const served = delegations.map((delegation) => serveDelegated(simulator, delegation));
  simulator.publish({
    targets: {
      edit: (signed) => {
        const keys = delegations.flatMap(({ keys }) => keys.map(({ keyid, json }) => [keyid, json]));
        signed["delegations"] = { keys: Object.fromEntries(keys), roles: served.map(({ entry }) => entry) };
      },
    },
    snapshot: {
      edit: (signed) => {
        for (const { name, meta } of served) signed["meta"][`${name}.json`] = meta;
      },
    },
  });
}

function serveDelegated(simulator: TufSimulator, { name, keys, paths, files, edit, editSigned }: Delegation) {
  const contents = Object.entries(files ?? {}).map(([path, text]) => [path, encode(text)] as const);
  const signed = {
    _type: "targets",
    spec_version: "1.0.31",
    version: 1,
    expires: `${new Date(simulator.now + 86_400_000).toISOString().slice(0, 19)}Z`,
    targets: Object.fromEntries(
      contents.map(([path, bytes]) => [path, { length: bytes.length, hashes: { sha256: sha256(bytes) } }]),
    ),
  };
  const bytes = seal(signed, { signers: keys, ...(editSigned && { edit: editSigned }) });
  simulator.files.set(`metadata/1.${encodeURIComponent(name)}.json`, bytes);
  for (const [path, bytes] of contents) {
    const parts = path.split("/");
    const served = [...parts.slice(0, -1), `${sha256(bytes)}.${parts.at(-1)}`].join("/");
    simulator.files.set(`targets/${served}`, bytes);
  }
  const entry: Json = {
    name,
    keyids: keys.map(({ keyid }) => keyid),
    threshold: 1,
    terminating: false,
    paths: paths ?? ["*"],
  };
  edit?.(entry);
  return { name, entry, meta: { version: 1, length: bytes.length, hashes: { sha256: sha256(bytes) } } };
}
