import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writeNamed } from "../../src/compose.ts";

const windows = process.platform === "win32";
let folder = "";
let home = "";

before(() => {
  folder = mkdtempSync(join(tmpdir(), "enginery-output-"));
  home = join(folder, "home");
  mkdirSync(join(home, "generations"), { recursive: true });
  writeFileSync(join(home, "generations", "00000001.json"), "record");
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("a file is written whole, and replaced with the mode that it had", async () => {
  const path = join(folder, "page.html");
  await writeNamed(path, "one", home);
  assert.equal(readFileSync(path, "utf8"), "one");
  assert.equal(statSync(path).mode & 0o777, windows ? 0o666 : 0o666 & ~process.umask());
  if (!windows) chmodSync(path, 0o640);
  const before = statSync(path).ino;
  await writeNamed(path, "two é", home);
  assert.equal(readFileSync(path, "utf8"), "two é");
  if (!windows) assert.equal(statSync(path).mode & 0o777, 0o640);
  assert.notEqual(statSync(path).ino, before, "renamed over, never written into");
  assert.deepEqual(readdirSync(folder).sort(), ["home", "page.html"], "nothing is left beside it");
});

test("nothing is written into another home either", async () => {
  const other = join(folder, "other");
  mkdirSync(join(other, "generations"), { recursive: true });
  mkdirSync(join(other, "clock"));
  writeFileSync(join(other, "VERSION"), "1\n");
  for (const path of [join(other, "page.html"), join(other, "VERSION"), join(other, "clock", "observed.json")]) {
    await assert.rejects(
      () => writeNamed(path, "over", home),
      { code: "refused", context: { path, home: other } },
      path,
    );
  }
  await assert.rejects(() => writeNamed(join(other, "clock", "x"), "over", join(folder, "none")), { code: "refused" });
  assert.deepEqual(readdirSync(other).sort(), ["VERSION", "clock", "generations"]);
  assert.equal(readFileSync(join(other, "VERSION"), "utf8"), "1\n");
  rmSync(join(other, "VERSION"));
  await writeNamed(join(other, "page.html"), "one", home);
  rmSync(other, { recursive: true });
});

test("nothing is written into the home, however it is spelled", {
  skip: windows && "links need a privilege",
}, async () => {
  symlinkSync(join(home, "generations"), join(folder, "elsewhere"));
  symlinkSync(join(home, "generations", "00000001.json"), join(folder, "innocent.html"));
  for (const path of [
    join(home, "page.html"),
    join(home, "generations", "00000001.json"),
    `${folder}/./home/../home/generations/x`,
    join(folder, "elsewhere", "x.html"),
    join(folder, "innocent.html"),
  ]) {
    await assert.rejects(() => writeNamed(path, "over", home), { code: "refused" }, path);
  }
  assert.equal(readFileSync(join(home, "generations", "00000001.json"), "utf8"), "record");
  assert.deepEqual(readdirSync(home), ["generations"]);
  assert.deepEqual(readdirSync(join(home, "generations")), ["00000001.json"]);
});

test("what a link leads to is replaced, and what is no file is left alone", {
  skip: windows && "links need a privilege",
}, async () => {
  mkdirSync(join(folder, "served"));
  writeFileSync(join(folder, "served", "real.html"), "old");
  symlinkSync("served/real.html", join(folder, "link.html"));
  await writeNamed(join(folder, "link.html"), "new", home);
  assert.equal(readFileSync(join(folder, "served", "real.html"), "utf8"), "new");
  await assert.rejects(() => writeNamed("/dev/null", "x", home), { code: "refused" });
  assert.ok(statSync("/dev/null").isCharacterDevice());
  await assert.rejects(() => writeNamed(join(folder, "served"), "x", home), { code: "refused" });
  symlinkSync("nowhere.html", join(folder, "dangling.html"));
  await assert.rejects(() => writeNamed(join(folder, "dangling.html"), "x", home), { code: "missing" });
  await assert.rejects(() => writeNamed(join(folder, "no", "page.html"), "x", home), { code: "missing" });
});

test("where the folder cannot be written, the old file stays", {
  skip: (windows || process.getuid?.() === 0) && "root may write anywhere",
}, async () => {
  const closed = join(folder, "closed");
  mkdirSync(closed);
  writeFileSync(join(closed, "page.html"), "old");
  chmodSync(closed, 0o555);
  await assert.rejects(() => writeNamed(join(closed, "page.html"), "x", home), { code: "permission" });
  assert.equal(readFileSync(join(closed, "page.html"), "utf8"), "old");
  chmodSync(closed, 0o755);
});
