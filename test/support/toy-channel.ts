import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GuardRules } from "../../src/core/release-proofs.ts";
import { add } from "../../src/ops/repo/add.ts";
import { deploy } from "../../src/ops/repo/deploy.ts";
import { init } from "../../src/ops/repo/init.ts";
import { sign } from "../../src/ops/repo/sign.ts";
import type { TestWorld } from "./test-world.ts";

/** A published channel of shell-script engines, made with the real publisher's verbs. */
export interface ToyChannel {
  readonly repository: string;
  readonly keysDir: string;
  readonly rootSha256: string;
  /** Adds a release; `reports` is what its own version report says (default: its version). */
  release(engine: string, version: string, options?: ToyOptions): Promise<void>;
  deploy(engine: string, version: string, validFrom: number, epoch?: number): Promise<void>;
  publish(epoch?: number): Promise<void>;
}

export interface ToyOptions {
  readonly reports?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly guards?: GuardRules;
  readonly deltas?: number;
}

export async function makeToyChannel(world: TestWorld, name = "toys"): Promise<ToyChannel> {
  const repository = join(world.folder, "repository");
  const keysDir = join(world.folder, "keys");
  const { root } = await init(world, { directory: repository, channel: name, keysDir, dryRun: false });
  return {
    repository,
    keysDir,
    rootSha256: root.sha256,
    release: async (engine, version, options = {}) => {
      const tree = toyTree(world, engine, version, options);
      await add(world, {
        directory: repository,
        engine,
        version,
        platform: world.host.platform,
        tree,
        probe: { args: ["--version"], expect: `${engine} ${version.replaceAll(".", "\\.")}` },
        guards: options.guards,
        deltas: options.deltas,
        dryRun: false,
      });
    },
    deploy: async (engine, version, validFrom, epoch) => {
      await deploy(world, { directory: repository, engine, version, validFrom, epoch, dryRun: false });
    },
    publish: async (epoch) => {
      await sign(world, { directory: repository, keysDir, epoch, dryRun: false });
    },
  };
}

/** A folder with one executable named like the engine and one data file. */
export function toyTree(world: TestWorld, engine: string, version: string, options: ToyOptions = {}): string {
  const folder = join(world.folder, "trees", `${engine}-${version}-${options.reports ?? ""}`);
  mkdirSync(join(folder, "share"), { recursive: true });
  const script = join(folder, engine);
  writeFileSync(script, `#!/bin/sh\necho "${engine} ${options.reports ?? version}" "$@"\n`);
  chmodSync(script, 0o755);
  writeFileSync(join(folder, "share", "notes.txt"), `${engine} ${version}\n`.repeat(100));
  for (const [path, content] of Object.entries(options.files ?? {})) writeFileSync(join(folder, path), content);
  return folder;
}
