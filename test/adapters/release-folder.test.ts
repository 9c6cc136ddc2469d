import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const work = mkdtempSync(join(tmpdir(), "enginery-release-"));
after(() => rmSync(work, { recursive: true, force: true }));
const SCRIPT = fileURLToPath(new URL("../../scripts/release.ts", import.meta.url));

function made(...words: readonly string[]) {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...words], { encoding: "utf8" });
  return { status, stderr };
}

test("a release's folder is made anew, and no other folder is removed for it", () => {
  const single = join(work, "a=b");
  writeFileSync(single, "a single file");
  for (const ending of [".cdx.json", ".licences.txt"]) writeFileSync(single + ending, ending);
  const folder = join(work, "release");
  const file = `linux-x64=${single}`;
  assert.equal(made(folder, "--file", file).status, 0);
  const sums = readFileSync(join(folder, "SHA256SUMS"), "utf8");
  assert.match(sums, /^[0-9a-f]{64} {2}enginery-\d\S*-linux-x64$/m);
  assert.match(sums, /-linux-x64\.cdx\.json\n[^\n]+-linux-x64\.licences\.txt$/m);
  writeFileSync(join(folder, "left-over"), "");
  assert.equal(made(folder, "--file", file).status, 0);
  assert.equal(existsSync(join(folder, "left-over")), false);
  assert.equal(readFileSync(join(folder, "SHA256SUMS"), "utf8"), sums);

  const other = join(work, "photographs");
  mkdirSync(other);
  writeFileSync(join(other, "one"), "");
  const refused = made(other, "--file", file);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /holds other things than a release/);
  assert.ok(existsSync(join(other, "one")));
  assert.match(made(folder, "--file", "linux-x64").stderr, /takes PLATFORM=FILE/);
});
