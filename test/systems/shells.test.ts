import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { prepareShells } from "./support/prepare-shells.ts";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
const FILES = ["completed-names", "completions"].map((name) => join(CHECKOUT, "test", "cli", `${name}.test.ts`));

test("P6: zsh and fish complete verbs, flags and the names of a home, typed at a prompt", (context) => {
  context.diagnostic("engine: none (the toys of a channel made for this test)");
  let words: readonly string[];
  try {
    const cache = join(CHECKOUT, ".cache", "systems");
    mkdirSync(cache, { recursive: true });
    words = prepareShells(cache);
  } catch (error) {
    return context.skip((error as Error).message);
  }
  const [program = "", ...rest] = words;
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const node = [process.execPath, "--test", "--test-reporter=tap", ...FILES];
  const ran = spawnSync(program, [...rest, ...node], {
    encoding: "utf8",
    env,
    timeout: 600_000,
    killSignal: "SIGKILL",
  });
  assert.equal(ran.status, 0, ran.stdout);
  assert.doesNotMatch(ran.stdout, /# SKIP no (?:zsh|fish|script)/);
  assert.match(ran.stdout, /^ *ok .*zsh/m);
});
