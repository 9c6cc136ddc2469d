import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { read, unreadable } from "./support/epoch-readings.ts";

const folder = mkdtempSync(join(tmpdir(), "enginery-epoch-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const POSIX = process.platform !== "win32";

function written(content: string | Uint8Array): string {
  const path = join(folder, "height");
  writeFileSync(path, content);
  return `file:${path}`;
}

test("a file tells a whole number with the end of its line, or JSON that holds one", async () => {
  assert.deepEqual(await read(written("4711\n")), { epoch: 4711 });
  assert.deepEqual(await read(written("0\r\n")), { epoch: 0 });
  assert.deepEqual(await read(written("9007199254740991\n")), { epoch: 2 ** 53 - 1 });
  assert.deepEqual(await read(`${written('{"a":[{"b/c":"12"}],"x":1.5e300}')}#/a/0/b~1c`), { epoch: 12 });
  assert.deepEqual(await read(`${written("7")}#`), { epoch: 7 });
  written("8\n");
  symlinkSync(join(folder, "height"), join(folder, "link"));
  assert.deepEqual(await read(`file:${join(folder, "link")}`), { epoch: 8 });
});

test("what a file does not tell for certain is unknown, and never 0", async () => {
  const wrong: readonly (readonly [string | Uint8Array, RegExp])[] = [
    ["", /says "", which is no whole number/],
    ["\n", /no whole number/],
    ["4711", /may be half written: "4711"/],
    ["47\n11\n", /not one line/],
    ["4711\n\n", /not one line/],
    ["NaN\n", /no whole number/],
    ["-1\n", /no whole number/],
    ["1.5\n", /no whole number/],
    ["1e3\n", /no whole number/],
    ["0x10\n", /no whole number/],
    ["007\n", /no whole number/],
    [" 7\n", /no whole number/],
    ["+7\n", /no whole number/],
    ["9007199254740992\n", /no whole number/],
    ["null\n", /no whole number/],
    ["\uFEFF7\n", /no whole number/],
    ["7\0\n", /no whole number/],
    ["٧\n", /no whole number/],
    [Uint8Array.of(0xff, 0x0a), /no whole number/],
    ["<html>502</html>\n", /no whole number/],
  ];
  for (const [content, why] of wrong) await unreadable(written(content), why);
});

test("JSON that does not hold it for certain is unknown, and never 0", async () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["", /strict JSON/],
    ['{"epoch":7', /strict JSON: .*does not end/],
    ['{"epoch":7}{"epoch":8}', /more follows/],
    ['{"epoch":7,"epoch":8}', /is there twice/],
    ['{"epoch":NaN}', /strict JSON/],
    ['{"epoch":0x10}', /strict JSON/],
    ['{"epoch":007}', /strict JSON/],
    ["<html></html>", /strict JSON/],
    ['{"height":7}', /holds nothing at that pointer/],
    ["[7]", /holds nothing at that pointer/],
    ["7", /holds nothing at that pointer/],
    ['{"epoch":null}', /says null/],
    ['{"epoch":true}', /says true/],
    ['{"epoch":-1}', /says -1/],
    ['{"epoch":-0}', /says another number/],
    ['{"epoch":1.5}', /says another number/],
    ['{"epoch":7.0}', /says another number/],
    ['{"epoch":1e3}', /says another number/],
    ['{"epoch":9007199254740992}', /says another number/],
    ['{"epoch":""}', /says ""/],
    ['{"epoch":"0x10"}', /says "0x10"/],
    ['{"epoch":"7 "}', /says "7 "/],
    ['{"epoch":"9007199254740992"}', /no whole number/],
    ['{"epoch":[7]}', /says a list/],
    ['{"epoch":{"at":7}}', /says an object/],
    [`${"[".repeat(100)}7`, /nests deeper/],
  ];
  for (const [content, why] of wrong) await unreadable(`${written(content)}#/epoch`, why);
  for (const pointer of ["#/-", "#/", "#/00", "#/01", "#/+1", "#/1.0", "#/%201", "#/2", "#/length", "#/0/length"]) {
    await unreadable(`${written('["7","8"]')}${pointer}`, /holds nothing at that pointer/);
  }
  await unreadable(`${written("{}")}#/constructor/length`, /holds nothing at that pointer/);
});

test("a file that is none, or endless, holds nobody up", { skip: !POSIX }, async () => {
  await unreadable(`file:${join(folder, "none")}`, /ENOENT/);
  await unreadable(`file:${folder}`, /no regular file|EISDIR/);
  await unreadable("file:/dev/zero", /no regular file/);
  await unreadable(written(Buffer.alloc(1024 * 1024 + 1, "7")), /more than 1048576 bytes/);
  const pipe = join(folder, "pipe");
  assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
  await unreadable(`file:${pipe}`, /no regular file/);
});

test("a command's output is the number, and what it says besides is told where it fails", {
  skip: !POSIX,
}, async () => {
  assert.deepEqual(await read("command:echo 4711"), { epoch: 4711 });
  assert.deepEqual(await read("command:printf 4711"), { epoch: 4711 });
  assert.deepEqual(await read("command:sh -c 'echo words >&2; echo 12'"), { epoch: 12 });
  await unreadable("command:sh -c 'echo 12; echo no peers >&2; exit 3'", /ended with status 3 and said "no peers"/);
  await unreadable("command:sh -c 'echo 12; kill -9 $$'", /was ended by SIGKILL/);
  await unreadable("command:true", /says ""/);
  await unreadable("command:echo 1 2", /says "1 2"/);
  await unreadable("command:yes 1", /told nothing|not one line/, { timeoutMs: 500 });
  await unreadable("command:no-such-program", /cannot be started: ENOENT/);
  await unreadable("command:/", /cannot be started/);
});

test("a command is run without a shell, without our secrets, away from whatever folder this is", {
  skip: !POSIX,
}, async () => {
  await unreadable("command:echo $(echo 7)", /says "\$\(echo 7\)"/);
  await unreadable("command:echo 7; true", /says "7; true"/);
  assert.deepEqual(await read('command:sh -c "cd && pwd | wc -l"', { env: { HOME: folder } }), { epoch: 1 });
  assert.deepEqual(
    await read(`command:sh -c 'test "$(pwd)" = / && test -z "$ENGINERY_PASSPHRASE" && echo "$HEIGHT"'`, {
      env: { ENGINERY_PASSPHRASE: "secret", HEIGHT: "9" },
    }),
    { epoch: 9 },
  );
});

test("a command that hangs is ended with its children when the time is over or the caller has had enough", {
  skip: !POSIX,
}, async () => {
  const mark = join(folder, "lived-on");
  const hanging = `command:sh -c "(sleep 2; touch ${mark}) & sleep 30"`;
  await unreadable(hanging, /told nothing within 0.3 s/, { timeoutMs: 300 });
  const stop = new AbortController();
  const broken = unreadable(hanging, /was broken off/, { signal: stop.signal });
  setTimeout(() => stop.abort(), 100);
  await broken;
  await unreadable("command:echo 7", /was broken off/, { signal: AbortSignal.abort() });
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assert.equal(spawnSync("test", ["-e", mark]).status, 1, "the command's own child lived on");
});
