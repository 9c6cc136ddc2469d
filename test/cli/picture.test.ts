import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { drawPicture } from "../../src/cli/render/picture/picture.ts";
import { scaleOf } from "../../src/cli/render/picture/scale.ts";
import type { SchedulePage } from "../../src/ops/answers.ts";
import { randomPages } from "../support/random-pages.ts";
import { deployments, SCENE_TIME, SCENES, scenePage } from "../support/schedule-scenes.ts";
import { elementsOf, hasClass, parseXml, textOf, type XmlElement } from "../support/xml.ts";
import { matchGolden } from "./support/golden.ts";

const WIDTHS = [960, 328] as const;

function drawn(page: SchedulePage, width: number = 960): XmlElement {
  const alone = { name: "mainnet, serial 17", made: "Drawn for a test" };
  return parseXml(drawPicture(page, { width, now: SCENE_TIME, prefix: "test", alone }).text);
}

function scene(name: string): SchedulePage {
  const page = SCENES[name];
  assert.ok(page !== undefined, name);
  return page;
}

const number = (element: XmlElement, name: string) => Number(element.attributes[name]);
const bars = (root: XmlElement) =>
  elementsOf(root, "g")
    .filter((group) => group.children.some((child) => typeof child !== "string" && child.name === "title"))
    .map((group) => ({
      title: textOf(elementsOf(group, "title")[0] as XmlElement),
      shape: elementsOf(group, "rect").find((rect) => hasClass(rect, "bar")) as XmlElement,
      patterns: elementsOf(group, "rect").flatMap((rect) => rect.attributes["fill"] ?? []),
    }));
const texts = (root: XmlElement, name: string) =>
  elementsOf(root, "text")
    .filter((text) => hasClass(text, name))
    .map(textOf);

test("a small schedule, as it is drawn", () => {
  const alone = { name: "mainnet, serial 17", made: "Drawn for a test" };
  for (const name of ["one-engine", "unknown-epoch"]) {
    const { text } = drawPicture(scene(name), { width: 960, now: SCENE_TIME, prefix: "test", alone });
    matchGolden(`picture-${name}`, text);
  }
});

test("it is an image with a title and a description, and loads and runs nothing", () => {
  for (const name of Object.keys(SCENES)) {
    const root = drawn(scene(name));
    assert.equal(root.attributes["role"], "img");
    const [title = "", description = ""] = (root.attributes["aria-labelledby"] ?? "").split(" ");
    const named = (id: string) => elementsOf(root).find((element) => element.attributes["id"] === id);
    assert.equal(named(title)?.name, "title");
    assert.equal(named(description)?.name, "desc");
    for (const element of elementsOf(root)) {
      assert.ok(!["script", "image", "use", "foreignObject", "a"].includes(element.name), element.name);
      for (const [attribute, value] of Object.entries(element.attributes)) {
        assert.doesNotMatch(attribute, /^on|href|^style$/);
        if (attribute !== "xmlns" && /url|:\/\//.test(value)) assert.match(value, /^url\(#test-[a-z]+\)$/);
      }
    }
  }
});

test("each way to stand is told by pattern, edge or word, not by colour alone", () => {
  const shapes = bars(drawn(scene("three-engines")));
  const look = (begin: string) => {
    const found = shapes.find(({ title }) => title.startsWith(begin));
    assert.ok(found !== undefined, begin);
    return `${found.shape.attributes["class"]} ${found.patterns.join(" ")}`;
  };
  const looks = [
    "pink 1.0.0:",
    "pink 1.2.0:",
    "pink 2.0.0:",
    "xsnap 0.13.0:",
    "xsnap 0.14.1:",
    "xsnap 0.15.0:",
    "hermes 0.7.2:",
  ];
  assert.deepEqual(looks.map(look), [
    "bar superseded url(#test-superseded)",
    "bar in-effect ",
    "bar pending url(#test-pending)",
    "bar superseded absent url(#test-superseded)",
    "bar superseded url(#test-superseded) url(#test-withdrawn)",
    "bar pending absent ",
    "bar selected url(#test-selected)",
  ]);
  assert.match(look("pink 1.2.0:"), /in-effect/);
  const unknown = bars(drawn(scene("unknown-epoch")));
  assert.match(unknown[0]?.shape.attributes["class"] ?? "", /unknown/);
});

test("now, its age, the epochs left, pins and the retention window are in it", () => {
  const root = drawn(scene("one-engine"));
  const all = textOf(root);
  assert.match(all, /now: session 1200/);
  assert.match(all, /observed 12 min before this was drawn/);
  assert.match(all, /800 sessions left/);
  assert.deepEqual(
    elementsOf(root, "g")
      .filter((group) => hasClass(group, "pins"))
      .map(textOf)
      .slice(0, 1),
    ["2"],
  );
  assert.equal(
    elementsOf(root, "path").filter((path) => hasClass(path, "window")).length,
    2,
    "in the lane and the legend",
  );
  const unknown = drawn(scene("unknown-epoch"));
  assert.equal(elementsOf(unknown, "path").filter((path) => hasClass(path, "now-line")).length, 0);
  assert.match(textOf(unknown), /The session is unknown: 1200 was observed 4 days before/);
});

test("ten thousand deployments: around now apart, the rest together and counted; the file stays small", () => {
  const { text } = drawPicture(scene("ten-thousand"), { width: 960, now: SCENE_TIME, prefix: "test" });
  assert.ok(text.length < 100_000, `${text.length}`);
  const root = parseXml(text);
  const shapes = bars(root);
  assert.ok(shapes.length > 20 && shapes.length < 60, `${shapes.length}`);
  assert.match(textOf(root), /9961 of 10000 deployments are drawn together/);
  const together = shapes.map(({ title }) => Number(/ (\d+) deployments:/.exec(title)?.[1] ?? 1));
  assert.equal(
    together.reduce((sum, count) => sum + count),
    10_000,
    "every deployment is in one bar",
  );
  assert.ok(shapes.some(({ title }) => title.startsWith("xsnap 1.1875.0: in effect")));
});

test("a hundred engines: the first forty are drawn, the others counted", () => {
  const engines = Object.fromEntries(
    Array.from({ length: 100 }, (_, at) => [`engine-${at}`, { deployments: deployments(3, (one) => one * 100 + at) }]),
  );
  const root = drawn(scenePage({ engines, observed: 150 }));
  assert.equal(texts(root, "engine").length, 40);
  assert.match(textOf(root), /60 more engines not drawn/);
});

test("the scale never turns an order, and tells neighbours apart, whatever the spans", () => {
  const spans = fc.uniqueArray(fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 5_000_000 }), fc.maxSafeNat()), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(spans, fc.option(fc.maxSafeNat()), (places, observed) => {
      const begins = places.toSorted((one, other) => one - other);
      const scale = scaleOf(begins, observed, { left: 16, right: 944, openEnd: 130 });
      const all = [...new Set([...begins, ...(observed === null ? [] : [observed])])].sort((one, other) => one - other);
      assert.deepEqual(scale.places, all);
      const positions = all.map((place) => scale.at(place));
      assert.ok(Math.abs((positions[0] ?? 0) - 16) < 0.01);
      for (const [at, x] of positions.entries()) {
        assert.ok(at === 0 || x - (positions[at - 1] ?? 0) >= 8, `${all[at]} at ${x} after ${positions[at - 1]}`);
        assert.ok(x <= 944 - 129, `${x} leaves the open end`);
      }
      if (!scale.isEven || all.length < 3) return;
      const [first = 0, last = 1] = [all[0], all.at(-1)];
      const per = ((positions.at(-1) ?? 0) - 16) / (last - first);
      for (const [at, x] of positions.entries()) assert.ok(Math.abs(x - 16 - ((all[at] ?? 0) - first) * per) < 0.5);
    }),
    { numRuns: 500 },
  );
});

test("a longer span is drawn longer, as far as the shortest can still be told", () => {
  const { at, isEven } = scaleOf([0, 1000, 1100, 9000], null, { left: 0, right: 928, openEnd: 130 });
  const widths = [at(1000) - at(0), at(1100) - at(1000), at(9000) - at(1100)] as const;
  assert.equal(isEven, false);
  assert.ok(widths[1] >= 42 && widths[1] < 43, `${widths}`);
  assert.ok(widths[0] > 1.5 * widths[1] && widths[2] > 3 * widths[0], `${widths}`);
});

test("whatever a home holds, the picture is well-formed and every text of it is text", () => {
  fc.assert(
    fc.property(randomPages(4, 60, true), fc.constantFrom(...WIDTHS), (page, width) => {
      const root = drawn(page, width);
      for (const element of elementsOf(root)) {
        assert.match(element.name, /^(svg|title|desc|style|defs|pattern|path|circle|rect|g|text|tspan)$/);
        for (const name of Object.keys(element.attributes)) assert.doesNotMatch(name, /^on/);
      }
    }),
    { numRuns: 120 },
  );
});

test("bars lie within the canvas, in order and side by side; the numbers under the axis stand in order", () => {
  fc.assert(
    fc.property(randomPages(4, 60, false), fc.constantFrom(...WIDTHS), (page, width) => {
      const root = drawn(page, width);
      const byLane = new Map<number, { from: number; to: number }[]>();
      for (const { shape } of bars(root)) {
        const [x, y, w] = [number(shape, "x"), number(shape, "y"), number(shape, "width")];
        assert.ok(x >= 0 && w > 0 && x + w <= width + 0.01, `${x} ${w}`);
        byLane.set(y, [...(byLane.get(y) ?? []), { from: x, to: x + w }]);
      }
      for (const lane of byLane.values()) {
        for (const [at, { from }] of lane.entries()) assert.ok(at === 0 || from >= (lane[at - 1]?.to ?? 0) - 0.01);
      }
      const ticks = elementsOf(root, "text").filter((text) => hasClass(text, "epoch"));
      const told = ticks.map(textOf).map(Number);
      assert.ok(told.every(Number.isSafeInteger), `${told}`);
      assert.equal(new Set(told).size, told.length);
    }),
    { numRuns: 120 },
  );
});

test("no label lies over another, for random schedules of up to sixty deployments", () => {
  fc.assert(
    fc.property(randomPages(7, 60, false), fc.constantFrom(...WIDTHS), (page, width) => {
      const root = drawn(page, width);
      const labels = elementsOf(root, "text").map(boxOf);
      const level = labels.filter(({ slanted }) => !slanted);
      for (const { to, text } of level) assert.ok(to <= width + 2, `${text} reaches ${to}`);
      for (const [at, one] of level.entries()) {
        for (const other of level.slice(at + 1)) {
          const apart =
            one.to <= other.from + 1 || other.to <= one.from + 1 || one.bottom <= other.top || other.bottom <= one.top;
          assert.ok(apart, `${one.text} lies over ${other.text}`);
        }
      }
      const slanted = labels.filter((label) => label.slanted).sort((one, other) => one.from - other.from);
      for (const [at, one] of slanted.entries()) {
        const before = slanted[at - 1];
        if (before?.bottom === one.bottom)
          assert.ok(one.from - before.from >= 17, `${before.text} touches ${one.text}`);
        for (const other of level) {
          const apart =
            other.bottom <= one.top + 1 || other.top >= one.bottom - 1 || other.from >= one.to || other.to <= one.from;
          assert.ok(apart, `${one.text} lies over ${other.text}`);
        }
      }
    }),
    { numRuns: 150 },
  );
});

interface Box {
  readonly text: string;
  readonly slanted: boolean;
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly bottom: number;
}

/** As a usual font sets it: the drawing reckons with wider ones. */
function boxOf(element: XmlElement): Box {
  const text = textOf(element);
  const sizes = { engine: 16, name: 15, version: 12.5, words: 11, mark: 11.5 } as const;
  const name = Object.keys(sizes).find((each) => hasClass(element, each)) as keyof typeof sizes | undefined;
  const size = name === undefined ? 12 : sizes[name];
  const width = text.length * size * (hasClass(element, "version") || hasClass(element, "epoch") ? 0.6 : 0.52);
  const [x, y] = [number(element, "x"), number(element, "y")];
  const anchor = element.attributes["text-anchor"];
  const from = anchor === "middle" ? x - width / 2 : anchor === "end" ? x - width : x;
  const slanted = element.attributes["transform"] !== undefined;
  const [across, up] = slanted ? [0.766, 0.643] : [1, 0];
  return { text, slanted, from, to: from + width * across, top: y - 0.75 * size - width * up, bottom: y + 0.2 * size };
}
