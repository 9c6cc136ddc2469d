import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { drawPage } from "../../src/cli/render/page/page.ts";
import type { SchedulePage } from "../../src/ops/answers.ts";
import { randomPages } from "../support/random-pages.ts";
import { HOSTILE_TEXT, SCENE_TIME, SCENES } from "../support/schedule-scenes.ts";
import { elementsOf, hasClass, parseXml, textOf, type XmlElement } from "../support/xml.ts";
import { matchGolden } from "./support/golden.ts";

const FACTS = { now: SCENE_TIME, version: "0.1.0" };

function scene(name: string): SchedulePage {
  const page = SCENES[name];
  assert.ok(page !== undefined, name);
  return page;
}

async function drawn(page: SchedulePage): Promise<XmlElement> {
  return parseXml(await drawPage(page, FACTS));
}

function part(root: XmlElement, id: string): string {
  const found = elementsOf(root).find((element) => element.attributes["id"] === id);
  assert.ok(found !== undefined, id);
  return wordsOf(found).join(" ");
}

function wordsOf(root: XmlElement): readonly string[] {
  return root.children.flatMap((child) =>
    typeof child === "string" ? child.split(/\s+/).filter((word) => word !== "") : wordsOf(child),
  );
}

const WITH_SOURCE = new Set(["script", "style"]);

/** What a reader sees, without styles and script. */
function seen(root: XmlElement): string {
  return root.children
    .map((child) => (typeof child === "string" ? child : WITH_SOURCE.has(child.name) ? "" : seen(child)))
    .join("");
}

test("a small page, as it is made", async () => {
  matchGolden("page-one-engine", await drawPage(scene("one-engine"), FACTS));
});

test("one file with a policy of its own: nothing is loaded, and only our own style and script count", async () => {
  for (const name of Object.keys(SCENES)) {
    const root = await drawn(scene(name));
    const policy = elementsOf(root, "meta").find((meta) => meta.attributes["http-equiv"] !== undefined);
    const hashOf = (element: string) => {
      const [only, ...others] = elementsOf(root, element);
      assert.ok(only !== undefined && others.length === 0);
      return `'sha256-${createHash("sha256").update(textOf(only)).digest("base64")}'`;
    };
    assert.equal(
      policy?.attributes["content"],
      `default-src 'none'; img-src data:; style-src ${hashOf("style")}; script-src ${hashOf("script")}; base-uri 'none'; form-action 'none'`,
    );
    for (const element of elementsOf(root)) {
      assert.ok(!["img", "iframe", "object", "embed", "base", "form", "video"].includes(element.name), element.name);
      for (const [attribute, value] of Object.entries(element.attributes)) {
        assert.doesNotMatch(attribute, /^on|^style$|^src/);
        if (attribute === "href") assert.match(value, /^#[a-z]+$|^data:image\/svg\+xml,/);
      }
    }
  }
});

test("engines, epochs, pins, disk, trust, problems and what it was made from are on it", async () => {
  const root = await drawn(scene("three-engines"));
  assert.match(
    part(root, "engines"),
    /pink 1\.2\.0 in effect since session 1400 950 sessions left then 2\.0\.0 from session 2600 installed ahead 42 pins/,
  );
  assert.match(part(root, "engines"), /hermes 0\.7\.2 selected; the engine has no schedule/);
  assert.match(
    part(root, "problems"),
    /2 problems release-not-installed xsnap@0\.15\.0 \(from 1900\) is not installed\. Mend it: enginery install xsnap@0\.15\.0 expires-soon/,
  );
  assert.match(part(root, "releases"), /0\.14\.1 340 superseded, withdrawn: corrupts snapshots of large heaps/);
  assert.match(
    part(root, "disk"),
    /12 releases installed 352\.9 MiB 370,085,714 bytes free on that disk 75\.9 GiB 81,500,000,000 bytes wasmtime 40\.0\.0 58\.9 MiB 61,714,286 bytes/,
  );
  assert.match(part(root, "trust"), /timestamp 4 days 2026-01-06 12:00 UTC snapshot 17 days/);
  assert.match(part(root, "pins"), /pink 1\.0\.0 2 tenants cluster-1 cluster-9/);
  assert.match(part(root, "pins"), /xsnap 0\.14\.1 131 tenants v1 v2 .* v12 and 119 more: enginery pins xsnap/);
  assert.match(
    part(root, "about"),
    new RegExp(`42 , committed 2025-12-24 18:00 UTC .*serial 17 , published at session 1650.*${"7e".repeat(32)}`),
  );
  assert.match(part(root, "made"), /Made 2026-01-02 03:04 UTC by enginery 0\.1\.0/);
});

test("what has expired, what is on hold and what is unknown is said", async () => {
  const expired = await drawn(scene("expired-trust"));
  assert.match(
    part(expired, "trust"),
    /timestamp expired 3 days ago.*snapshot expired today.*targets less than a day.*root 5 days/,
  );
  assert.match(part(expired, "about"), /Upgrades hold still after a rollback Hold until the audit is done/);
  const unknown = await drawn(scene("unknown-epoch"));
  assert.match(textOf(elementsOf(unknown, "h1")[0] as XmlElement), /session unknown/);
  assert.match(seen(unknown), /1200 was observed 4 days before this page was made/);
  assert.match(part(unknown, "engines"), /it hangs on the session, which is unknown/);
  const sound = await drawn(scene("one-engine"));
  assert.match(seen(sound), /No problem is known/);
  const empty = await drawn(scene("no-engines"));
  assert.match(part(empty, "engines"), /The channel has no engines\./);
});

test("ten thousand deployments: rows around now, the rest counted with the command that lists them", async () => {
  const text = await drawPage(scene("ten-thousand"), FACTS);
  assert.ok(text.length < 200_000, `${text.length}`);
  const root = parseXml(text);
  const rows = elementsOf(root, "tr").filter((row) => hasClass(row, "superseded") || hasClass(row, "pending"));
  assert.ok(rows.length >= 20 && rows.length <= 30, `${rows.length}`);
  const counts = [...part(root, "releases").matchAll(/and (\d+) more deployments (before|after) these/g)].map((found) =>
    Number(found[1]),
  );
  assert.equal(counts.length, 2);
  assert.equal((counts[0] ?? 0) + (counts[1] ?? 0) + rows.length + 1, 10_000);
});

test("what comes from outside stays text, and its direction of writing stays its own", async () => {
  const root = await drawn(scene("hostile-names"));
  assert.equal(elementsOf(root, "script").length, 1);
  assert.doesNotMatch(seen(root).replaceAll("\n", ""), /[\p{Cc}\u202e\u061c]/u);
  const isolated = elementsOf(root, "bdi").map(textOf);
  assert.ok(isolated.includes("שלום") && isolated.includes("مرحبا"));
  assert.ok(isolated.includes("</bdi></code>"));
  assert.ok(isolated.some((text) => text.startsWith("<script>alert(1)</script>")));
  assert.ok(HOSTILE_TEXT.includes("\u202e"), "the scene is as hostile as it was");
});

test("whatever a home holds, the page is well-formed and holds our elements alone", async () => {
  const ours =
    /^(html|head|meta|title|link|style|body|header|main|footer|section|article|figure|div|p|h1|h2|h3|ul|li|dl|dt|dd|span|strong|small|code|bdi|a|time|table|caption|thead|tbody|tr|th|td|script|svg|desc|defs|pattern|path|circle|rect|g|text|tspan)$/;
  await fc.assert(
    fc.asyncProperty(randomPages(3, 40, true), async (page) => {
      const root = await drawn(page);
      for (const element of elementsOf(root)) {
        assert.match(element.name, ours);
        for (const name of Object.keys(element.attributes)) assert.doesNotMatch(name, /^on|^style$/);
      }
      const ids = elementsOf(root).flatMap((element) => element.attributes["id"] ?? []);
      assert.equal(new Set(ids).size, ids.length, "each id once");
    }),
    { numRuns: 60 },
  );
});
