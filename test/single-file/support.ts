import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../engines/support/command.ts";

const BUILD = join(CHECKOUT, "scripts", "build-sea.ts");

/** What `npm run build:sea` makes of these words; undefined where npm has not the Node that is pinned, or does not answer. */
export function build(out: string, ...words: readonly string[]): string {
  const made = spawnSync(process.execPath, [BUILD, "--out", out, ...words], {
    encoding: "utf8",
    timeout: 600_000,
    killSignal: "SIGKILL",
  });
  assert.equal(made.status, 0, made.stdout + made.stderr);
  return out;
}

export function sha256Of(path: string): string {
  const hash = createHash("sha256");
  const descriptor = openSync(path, "r");
  const buffer = Buffer.alloc(1024 * 1024);
  for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) {
    hash.update(buffer.subarray(0, count));
  }
  closeSync(descriptor);
  return hash.digest("hex");
}

/** Why nothing can be run without a network here; false where it can. */
export function noNamespaces(): string | false {
  return spawnSync("unshare", ["-n", "true"]).status === 0 ? false : "no network namespaces here";
}
