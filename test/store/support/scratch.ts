import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeDigester } from "../../../src/adapters/node-digester.ts";
import { nodeFileSystem } from "../../../src/adapters/node-file-system.ts";
import { nodeHost } from "../../../src/adapters/node-host.ts";
import { nodeIdentifiers } from "../../../src/adapters/node-identifiers.ts";
import type { Config, Generation } from "../../../src/core/model/home.ts";
import type { EntryPoint, Manifest, PlatformRelease } from "../../../src/core/model/manifest.ts";
import type { Tree } from "../../../src/core/model/tree.ts";
import { encodeTree } from "../../../src/core/parse-tree.ts";
import { createHome, type Home, openHome, type StorePorts } from "../../../src/store/home.ts";
import type { Stage } from "../../../src/store/stage.ts";
import { unsynced } from "../../sim/unsynced-file-system.ts";

export const CONFIG: Config = { format: 1, repository: "/repository", channel: "demo" };
export const NOW = Date.UTC(2027, 0, 1);
export const AT = "2027-01-01T00:00:00Z";
/** The real disk, but for the flushes, which take most of the time; what is flushed when is checked in durable.test.ts. */
export const disk = unsynced(nodeFileSystem());

/** A folder of its own, gone with it. */
export function scratch(): { readonly path: string; readonly home: string } & Disposable {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "enginery-store-")));
  return { path, home: join(path, "home"), [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export function ports(overrides: Partial<StorePorts> = {}): StorePorts {
  return {
    fileSystem: disk,
    clock: { now: () => NOW },
    identifiers: nodeIdentifiers,
    digester: nodeDigester,
    host: nodeHost("/nowhere/enginery"),
    reporter: {
      note: () => undefined,
      warn: () => undefined,
      progress: () => ({ advance: () => undefined, [Symbol.dispose]: () => undefined }),
    },
    ...overrides,
  };
}

export function newHome(path: string, overrides: Partial<StorePorts> = {}): Home {
  return createHome(path, ports(overrides), CONFIG);
}

export function reopen(path: string, overrides: Partial<StorePorts> = {}): Home {
  return openHome(path, ports(overrides));
}

export const OPERATION = "0123456789abcdef0123456789abcdef";

export function generation(number: number, more: Partial<Generation> = {}): Generation {
  return {
    format: 1,
    number,
    operation: nodeIdentifiers.operation(),
    cause: "install",
    at: AT,
    channel: "demo",
    trustSet: 1,
    manifest: { serial: 1, sha256: "0".repeat(64) },
    installations: [],
    selections: {},
    ...more,
  };
}

export type Files = Readonly<Record<string, string>>;

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Files whose path begins with bin/ are executable. */
export function treeOf(files: Files): Tree {
  return {
    format: 1,
    files: Object.keys(files)
      .sort()
      .map((path) => {
        const bytes = bytesOf(files[path] ?? "");
        const sha256 = nodeDigester.sha256(bytes);
        return { path, bytes: bytes.length, sha256, executable: path.startsWith("bin/") };
      }),
  };
}

export function digestOf(files: Files): string {
  return nodeDigester.sha256(encodeTree(treeOf(files)));
}

export function fill(stage: Stage, files: Files): void {
  for (const { path, executable } of treeOf(files).files) {
    const file = stage.sink.begin(path, executable);
    file.write(bytesOf(files[path] ?? ""));
    file.finish();
  }
}

export function begin(home: Home, engine: string, version: string, files: Files, operation = OPERATION): Stage {
  return home.staging.begin(operation, {
    engine,
    version,
    platform: "linux-x64",
    tree: treeOf(files),
    treeDigest: digestOf(files),
  });
}

export async function install(
  home: Home,
  engine: string,
  version: string,
  files: Files,
  operation = OPERATION,
): Promise<void> {
  const stage = begin(home, engine, version, files, operation);
  fill(stage, files);
  home.installations.adopt(await stage.finish());
}

export interface ToyRelease {
  readonly version: string;
  /** Absent: no deployment. */
  readonly validFrom?: number;
  /** Absent: not installed. */
  readonly files?: Files;
  readonly entries?: Readonly<Record<string, EntryPoint>>;
}

/** What a manifest and a generation would say of these releases of one engine. */
export function statements(engine: string, releases: readonly ToyRelease[], more: Partial<Generation> = {}) {
  const platforms = (release: ToyRelease) => ({ "linux-x64": platformRelease(release) });
  const manifest: Manifest = {
    format: 1,
    channel: "demo",
    serial: 1,
    previous: null,
    publishedEpoch: null,
    unit: "epoch",
    engines: {
      [engine]: {
        rules: { maxFuture: null, maxDeployments: null, alterPending: "deny" },
        deployments: releases.flatMap(({ version, validFrom }) =>
          validFrom === undefined ? [] : [{ version, validFrom }],
        ),
        releases: Object.fromEntries(releases.map((one) => [one.version, { platforms: platforms(one) }])),
      },
    },
  };
  const installations = releases.flatMap(({ version, files, entries = {} }) =>
    files === undefined
      ? []
      : [{ engine, version, platform: "linux-x64", tree: digestOf(files), bytes: 1, files: 1, entries }],
  );
  return { manifest, generation: generation(1, { installations, ...more }) };
}

function platformRelease({ files = {}, entries = {} }: ToyRelease): PlatformRelease {
  const sha256 = "1".repeat(64);
  return {
    archive: { sha256, bytes: 1, format: "tar.zst", root: "" },
    pieces: { sha256, bytes: 1 },
    tree: { sha256, bytes: 1, digest: digestOf(files), files: 1, unpackedBytes: 1 },
    entries,
  };
}
