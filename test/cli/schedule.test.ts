import assert from "node:assert/strict";
import { test } from "node:test";
import { SCENES } from "../support/schedule-scenes.ts";
import { failing } from "./support/canned.ts";
import { play, requestTo } from "./support/stage.ts";

test("schedule --svg and --html write files of their own, and say where", async () => {
  const played = await play(["schedule", "xsnap", "--svg", "line.svg", "--html", "/srv/page.html"]);
  assert.equal(played.status, 0);
  assert.match(played.stdout, /^Wrote \/work\/line\.svg, [\d.]+ KiB\.\nWrote \/srv\/page\.html, [\d.]+ KiB\.\n$/);
  assert.match(
    played.files["/work/line.svg"] ?? "",
    /^<svg .*<title id="schedule-title">The schedule of mainnet, session 1200<\/title>/s,
  );
  assert.match(played.files["/work/line.svg"] ?? "", /Drawn 2026-01-02 03:04 UTC by enginery 0\.1\.0/);
  assert.match(played.files["/srv/page.html"] ?? "", /^<!doctype html>\n<html lang="en">/);
  assert.equal(requestTo(played, "schedulePage")["engine"], "xsnap");
});

test("with --json: the document of `schedule`, and what was written", async () => {
  const played = await play(["schedule", "--json", "--html", "page.html"]);
  const document = JSON.parse(played.stdout);
  assert.deepEqual(Object.keys(document), ["unit", "observed", "engines", "written"]);
  assert.deepEqual(document.written, ["/work/page.html"]);
  assert.deepEqual(document.engines, SCENES["one-engine"]?.schedule.engines);
  assert.equal(JSON.parse((await play(["schedule", "--json"])).stdout).written, undefined);
});

test("- is stdout, and nothing else is written there", async () => {
  const svg = await play(["schedule", "--svg", "-"]);
  assert.match(svg.stdout, /^<svg [\s\S]*<\/svg>\n$/);
  assert.deepEqual(svg.files, {});
  const both = await play(["schedule", "--html=-", "--svg", "a.svg"]);
  assert.match(both.stdout, /^<!doctype html>[\s\S]*<\/html>\n$/);
  assert.deepEqual(Object.keys(both.files), ["/work/a.svg"]);
});

test("places that cannot be are refused before anything is read", async () => {
  for (const words of [
    ["--svg", "a", "--html", "/work/a"],
    ["--svg", "-", "--html", "-"],
    ["--json", "--svg", "-"],
    ["--svg", ""],
  ]) {
    const played = await play(["schedule", ...words]);
    assert.equal(played.status, 2, words.join(" "));
    assert.deepEqual([played.asked, played.files], [[], {}]);
  }
});

test("a home that cannot be read writes nothing", async () => {
  const operator = { schedulePage: failing("no-home", "There is no home.") };
  const played = await play(["schedule", "--svg", "a.svg", "--html", "a.html"], { operator });
  assert.equal(played.status, 7);
  assert.deepEqual(played.files, {});
});
