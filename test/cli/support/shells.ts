import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pin } from "../../../src/ops/pin.ts";
import { upgrade } from "../../../src/ops/upgrade.ts";
import { installedToys, publishThird } from "../../support/installed-toys.ts";
import { homeOf, upgradeRequest } from "../../support/operator-requests.ts";
import type { TestWorld } from "../../support/test-world.ts";

const MAIN = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
export const SCRIPTS = fileURLToPath(new URL("../../../templates/completions/", import.meta.url));

/** Tenants that no shell takes as they are. */
export const TENANTS = ["v42", "para chain: 7", "it's", "a;b$(touch ran)`touch ran`", "café", "x@y=z:w"] as const;

/** toy 1.0.0, 2.0.0 and, in generation 2, 3.0.0 installed; 4.0.0 published without a deployment; tenants pinned to 1.0.0. */
export async function homeWithNames(world: TestWorld): Promise<void> {
  const channel = await installedToys(world);
  const pins = TENANTS.map((tenant) => ({ tenant, engine: "toy", version: "1.0.0" }));
  await pin(world, { home: homeOf(world), dryRun: false, pins });
  await channel.release("toy", "4.0.0");
  await publishThird(channel);
  await upgrade(world, upgradeRequest(world));
}

/**
 * A folder for PATH with an `enginery` that answers completions as the command does, and otherwise writes down the words it was called
 * with: what a shell made of a line after its completion. One that is called in another way by name lies in `folder/other dir`.
 */
export function commandThatTells(folder: string): {
  readonly path: string;
  readonly told: () => readonly (readonly string[])[];
} {
  const path = join(folder, "bin");
  const told = join(folder, "told");
  mkdirSync(path, { recursive: true });
  const program = join(path, "enginery");
  writeFileSync(
    program,
    `#!/bin/sh\nif [ "$1" = __complete ]; then NODE_COMPILE_CACHE=${folder}/compiled exec ${process.execPath} ${MAIN} "$@"; fi\nprintf '%s\\0' "$@" >>${told}\necho >>${told}\n`,
  );
  chmodSync(program, 0o755);
  return {
    path,
    told: () => {
      const lines = existsSync(told)
        ? readFileSync(told, "utf8")
            .split("\n")
            .filter((line) => line !== "")
        : [];
      rmSync(told, { force: true });
      return lines.map((line) => line.split("\0").slice(0, -1));
    },
  };
}

/** The reason to skip; false where the shell is here. */
export function without(shell: string, ...words: readonly string[]): string | false {
  return spawnSync(shell, words.length === 0 ? ["--version"] : words).status === 0 ? false : `no ${shell} here`;
}

/** Gives keys to a shell that believes it talks to a person, and waits for its end. */
export async function typed(
  shell: string,
  words: readonly string[],
  keys: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const child = spawn(shell, words, { env, stdio: ["pipe", "pipe", "pipe"], timeout: 120_000, killSignal: "SIGKILL" });
  let shown = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
    });
  }
  child.stdin.end(keys);
  await once(child, "close");
  return shown;
}
