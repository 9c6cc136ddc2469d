import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { contentOf } from "../engines/support/folders.ts";

const work = mkdtempSync(join(tmpdir(), "enginery-release-"));
after(() => rmSync(work, { recursive: true, force: true }));
const SCRIPT = fileURLToPath(new URL("../../scripts/release.ts", import.meta.url));

const SINGLE = fileURLToPath(new URL("../../scripts/build-sea.ts", import.meta.url));

const made = (...words: readonly string[]) => ran(SCRIPT, ...words);

function ran(script: string, ...words: readonly string[]) {
  const { status, stderr } = spawnSync(process.execPath, [script, ...words], { encoding: "utf8" });
  return { status, stderr };
}

test("a release takes the place of an earlier one's files, and of no others", () => {
  const single = join(work, "a=b");
  writeFileSync(single, "a single file");
  for (const ending of [".cdx.json", ".licences.txt"]) writeFileSync(single + ending, ending);
  const folder = join(work, "release");
  const file = `linux-x64=${single}`;
  assert.equal(made(folder, "--file", file).status, 0);
  const sums = readFileSync(join(folder, "SHA256SUMS"), "utf8");
  assert.match(sums, /^[0-9a-f]{64} {2}enginery-\d\S*-linux-x64$/m);
  assert.match(sums, /-linux-x64\.cdx\.json\n[^\n]+-linux-x64\.licences\.txt$/m);
  const once = contentOf(folder);
  mkdirSync(join(folder, "repository"));
  writeFileSync(join(folder, "repository", "root.json"), "");
  mkdirSync(join(folder, ".draft"));
  writeFileSync(join(folder, ".draft", "of one that died"), "");
  const key = join(folder, "key.pem");
  writeFileSync(key, generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }));
  const arm = ["--file", `linux-arm64=${single}`, "--key", key];
  assert.equal(made(folder, ...arm).status, 0);
  assert.ok(existsSync(key) && existsSync(join(folder, "repository", "root.json")), "not the release's");
  const names = readdirSync(folder).join(" ");
  assert.match(names, /SHA256SUMS SHA256SUMS\.sig .*-linux-arm64 /);
  assert.doesNotMatch(names, /linux-x64|draft/);
  // through a link, as a web server may have it
  symlinkSync(folder, join(work, "current"));
  assert.equal(made(join(work, "current"), "--file", file).status, 0);
  rmSync(key);
  rmSync(join(folder, "repository"), { recursive: true });
  assert.deepEqual(contentOf(folder), once);
  assert.equal(readFileSync(join(folder, "SHA256SUMS"), "utf8"), sums);

  const other = join(work, "photographs");
  mkdirSync(other);
  writeFileSync(join(other, "one"), "");
  const refused = made(other, "--file", file);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /holds other things than a release/);
  assert.ok(existsSync(join(other, "one")));
});

test("what cannot be made leaves the release that is there, and is told in a line", () => {
  const single = join(work, "single");
  writeFileSync(single, "a single file");
  const folder = join(work, "kept");
  const file = ["--file", `linux-x64=${single}`];
  assert.equal(made(folder, ...file).status, 0);
  const before = contentOf(work);
  for (const [words, status, said] of [
    [[folder, "--file", "linux-x64"], 2, /^release: error --file takes PLATFORM=FILE, and not linux-x64\.\nUse: node/],
    [[folder], 2, /--file PLATFORM=FILE at least once/],
    [[folder, ...file, ...file], 2, /named twice/],
    [[folder, "other", ...file], 2, /What is other\?/],
    [[folder, "--file", `/../../x=${single}`], 2, /takes PLATFORM=FILE/],
    [[join(work, "new", "folder"), ...file, "--root", join(work, "none")], 1, /^release: error ENOENT/],
    [[single, ...file], 1, /^release: error ENOTDIR/],
    [[folder, ...file, "--bogus"], 2, /Unknown option '--bogus'/],
    [[`${folder}/`, ...file, "--file", `win32-x64=${work}/none`], 1, /^release: error ENOENT: .*none/],
    [[folder, ...file, "--key", join(work, "none")], 1, /^release: error ENOENT/],
    [[folder, ...file, "--from", "https://x/'; rm"], 1, /cannot be written into a script/],
  ] as const) {
    const ended = made(...words);
    assert.equal(ended.status, status, ended.stderr);
    assert.match(ended.stderr, said);
    assert.doesNotMatch(ended.stderr, /^ {4}at /m);
    assert.deepEqual(contentOf(work), before, words.join(" "));
  }
});

test("a single file that cannot be made is told in a line, before anything is built", () => {
  const before = contentOf(work);
  const out = ["--out", join(work, "out")];
  for (const [words, status, said] of [
    [["--platform", "atari"], 1, /^build:sea: error No single file is made for atari: linux-x64, .*win32-x64\.$/m],
    [["--platform", "toString"], 1, /No single file is made for toString/],
    [["--embed", "toy@1.0.0"], 2, /^build:sea: error --channel DIR .* go together\.\nUse: npm run build:sea -- /],
    [["--channel", work], 2, /go together/],
    [["toy@1.0.0"], 2, /What is toy@1\.0\.0\?/],
    [["--bogus"], 2, /Unknown option '--bogus'/],
  ] as const) {
    const ended = ran(SINGLE, ...out, ...words);
    assert.equal(ended.status, status, ended.stderr);
    assert.match(ended.stderr, said);
    assert.doesNotMatch(ended.stderr, /^ {4}at /m);
    assert.deepEqual(contentOf(work), before, words.join(" "));
  }
});
