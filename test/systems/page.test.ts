import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { drawPage } from "../../src/cli/render/page/page.ts";
import { drawPicture } from "../../src/cli/render/picture/picture.ts";
import { observe } from "../../src/ops/observe.ts";
import { pin } from "../../src/ops/pin.ts";
import { enginery, told } from "../engines/support/command.ts";
import { temporaryFolder } from "../engines/support/folders.ts";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf } from "../support/operator-requests.ts";
import { SCENE_TIME, SCENES } from "../support/schedule-scenes.ts";
import { makeTestWorld } from "../support/test-world.ts";
import { type Browser, type Manner, NEEDS_BROWSER, startBrowser, type Tab } from "./support/browser.ts";
import { FAINT, OVERFLOWING, OVERLAPPING } from "./support/page-looks.ts";

const NO_ENGINE = "engine: none (a drawing is looked at in a real Chromium)";
const SCREENS: readonly (Manner & { readonly name: string })[] = [
  { name: "phone-light", width: 360, scheme: "light" },
  { name: "phone-dark", width: 360, scheme: "dark" },
  { name: "middle-light", width: 820, scheme: "light" },
  { name: "wide-light", width: 1280, scheme: "light" },
  { name: "wide-dark", width: 1280, scheme: "dark" },
];
/** An hour after the pages were made. */
const SOON = SCENE_TIME + 3_600_000;
const LIGHT: Manner = { width: 1280, scheme: "light", now: SOON };

describe("D1: the page in a real browser", { skip: NEEDS_BROWSER, concurrency: false }, () => {
  const work = temporaryFolder();
  const shots = process.env["ENGINERY_TEST_SCREENSHOTS"];
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
    if (shots !== undefined) mkdirSync(shots, { recursive: true });
  });
  after(async () => await browser?.[Symbol.asyncDispose]());

  async function fileOf(scene: string): Promise<string> {
    const page = SCENES[scene];
    assert.ok(page !== undefined, scene);
    const path = join(work, `${scene}.html`);
    writeFileSync(path, await drawPage(page, { now: SCENE_TIME, version: "0.1.0" }));
    return pathToFileURL(path).href;
  }

  async function keepShot(tab: Tab, name: string): Promise<void> {
    const png = await tab.screenshot();
    assert.ok(png.length > 5000, `${name} is an empty picture`);
    if (shots !== undefined) writeFileSync(join(shots, `${name}.png`), png);
  }

  for (const scene of Object.keys(SCENES)) {
    it(`D1: ${scene}: nothing overflows, overlaps or is faint, on a phone and a wide screen, light and dark; nothing is asked for`, async (t) => {
      t.diagnostic(NO_ENGINE);
      const url = await fileOf(scene);
      for (const { name, ...manner } of SCREENS) {
        await using tab = await browser.open(url, { ...manner, now: SOON });
        await keepShot(tab, `${scene}-${name}`);
        assert.deepEqual(await tab.evaluate(OVERFLOWING), [], `${name}: overflows`);
        assert.deepEqual(await tab.evaluate(OVERLAPPING), [], `${name}: overlaps`);
        assert.deepEqual(await tab.evaluate(FAINT), [], `${name}: faint`);
        assert.deepEqual(tab.complaints, [], name);
        assert.deepEqual(
          tab.requests.filter((each) => !each.startsWith("data:")),
          [url],
          name,
        );
      }
    });
  }

  it("D1: a page that the command made of a real home tells engines, epochs, pins, disk and trust", async (t) => {
    t.diagnostic("engine: none (toys: shell scripts)");
    using world = makeTestWorld();
    await installedToys(world);
    const home = homeOf(world);
    await observe(world, { home, epoch: 150, dryRun: false });
    const pins = Array.from({ length: 40 }, (_, at) => ({ tenant: `<i>vat-${at}`, engine: "toy", version: "1.0.0" }));
    await pin(world, { home, dryRun: false, pins });
    const [html, svg] = [join(work, "home.html"), join(work, "home.svg")];
    const ran = await enginery(["schedule", "--json", "--html", html, "--svg", svg], { home });
    assert.equal(ran.status, 0, told(ran));
    assert.deepEqual(JSON.parse(ran.stdout).written, [svg, html]);

    await using tab = await browser.open(pathToFileURL(html).href, LIGHT);
    const says = (selector: string) =>
      tab.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).innerText`);
    assert.match(await says("h1"), /epoch\s+150/);
    assert.match(await says("#engines"), /toy\s+2\.0\.0\s+in effect since epoch 100/);
    assert.match(await says("#releases"), /1\.0\.0\s+0\s+superseded\s+yes\s+40/);
    assert.match(await says("#disk"), /2 releases installed[\s\S]*toy 2\.0\.0/);
    assert.match(await says("#pins"), /toy\s+1\.0\.0\s+40 tenants[\s\S]*<i>vat-0[\s\S]*and 28 more/);
    assert.match(await says("#trust"), /timestamp[\s\S]*days/);
    assert.match(await says("#about"), /serial 1/);
    const drawn = await tab.evaluate<string[]>(
      `[...document.querySelectorAll("figure.wide svg g > title")].map((each) => each.textContent)`,
    );
    assert.deepEqual(
      drawn.map((title) => title.split(":")[0]),
      ["toy 1.0.0", "toy 2.0.0"],
    );
    assert.deepEqual(tab.complaints, []);

    await using picture = await browser.open(pathToFileURL(svg).href, LIGHT);
    assert.equal(await picture.evaluate("document.documentElement.tagName"), "svg");
    assert.deepEqual([picture.complaints, picture.requests.length], [[], 1]);
  });

  it("D1: its policy holds: what is put in from outside is neither run nor fetched", async (t) => {
    t.diagnostic(NO_ENGINE);
    await using tab = await browser.open(await fileOf("one-engine"), LIGHT);
    await tab.evaluate(`new Promise((done) => {
      window.seen = [];
      document.addEventListener("securitypolicyviolation", (event) => window.seen.push(event.violatedDirective));
      const script = document.createElement("script");
      script.textContent = "window.broken = true";
      document.body.append(script);
      const image = document.createElement("img");
      image.src = "http://127.0.0.1:9/x.png";
      document.body.append(image);
      document.body.setAttribute("style", "color: red");
      setTimeout(done, 500);
    })`);
    assert.equal(await tab.evaluate("window.broken === undefined"), true);
    const seen = await tab.evaluate<string[]>("window.seen");
    for (const directive of ["script-src-elem", "img-src", "style-src-attr"])
      assert.ok(seen.includes(directive), `${seen}`);
    assert.ok(tab.complaints.length > 0, "the test hears of violations");
  });

  it("D1: without scripts it is whole; with them it tells its age", async (t) => {
    t.diagnostic(NO_ENGINE);
    const url = await fileOf("three-engines");
    const words = (tab: Tab) =>
      tab.evaluate<string>(`document.querySelector("main").innerText.replaceAll(/ \\([^)]* ago\\)/g, "")`);
    await using live = await browser.open(url, LIGHT);
    await using still = await browser.open(url, { ...LIGHT, scripts: false });
    // evaluating works where the page's own scripts may not run
    assert.equal(await words(still), await words(live));
    assert.equal(await still.evaluate("document.querySelectorAll('.ago').length"), 0);
    assert.equal(await still.evaluate("document.querySelector('#old').hidden"), true);
    assert.equal(await live.evaluate("document.querySelector('#old').hidden"), true);
    assert.match(await live.evaluate("document.querySelector('#made').innerText"), /\(60 min ago\)/);
    await using later = await browser.open(url, { ...LIGHT, now: SCENE_TIME + 3 * 86_400_000 });
    assert.equal(await later.evaluate("document.querySelector('#old').hidden"), false);
    assert.match(await later.evaluate("document.querySelector('#made').innerText"), /\(3 days ago\)/);
  });

  it("D1: readers of the screen get landmarks, headings, tables and one image with its words; keys reach what can be followed", async (t) => {
    t.diagnostic(NO_ENGINE);
    await using tab = await browser.open(await fileOf("three-engines"), LIGHT);
    const nodes = await tab.accessible();
    const names = (role: string) => nodes.filter((node) => node.role === role).map(({ name }) => name);
    for (const landmark of ["banner", "main", "contentinfo"]) assert.equal(names(landmark).length, 1, landmark);
    assert.deepEqual(names("region"), [
      "2 problems",
      "In effect",
      "Schedule",
      "Releases",
      "Disk",
      "Trust",
      "Pins",
      "Made from",
    ]);
    for (const heading of ["session 1650", "2 problems", "In effect", "pink", "Schedule"])
      assert.ok(names("heading").includes(heading), heading);
    assert.ok(
      names("table").every((name) => name !== ""),
      "every table has its caption",
    );
    const images = [...names("image"), ...names("img")].filter((name) => name.startsWith("The schedule of mainnet"));
    assert.equal(images.length, 1, "the drawing for the other width is not there");
    await tab.press("Tab");
    assert.equal(await tab.evaluate("document.activeElement.getAttribute('href')"), "#problems");
    await tab.press("Enter");
    assert.equal(await tab.evaluate("location.hash"), "#problems");
  });

  it("D1: it prints light, whatever the screen is", async (t) => {
    t.diagnostic(NO_ENGINE);
    await using tab = await browser.open(await fileOf("three-engines"), { width: 760, scheme: "dark", print: true });
    assert.equal(
      await tab.evaluate("getComputedStyle(document.querySelector('#disk')).backgroundColor"),
      "rgb(255, 255, 255)",
    );
    assert.deepEqual(await tab.evaluate(FAINT), []);
    assert.equal(Buffer.from((await tab.pdf()).subarray(0, 5)).toString(), "%PDF-");
  });

  it("D1: the picture alone is set as its labels were reckoned, light and dark", async (t) => {
    t.diagnostic(NO_ENGINE);
    for (const [scene, page] of Object.entries(SCENES)) {
      for (const width of [960, 360]) {
        const alone = { name: "mainnet, serial 17", made: "Drawn for a test" };
        const path = join(work, `${scene}-${width}.svg`);
        writeFileSync(path, drawPicture(page, { width, now: SCENE_TIME, prefix: "test", alone }).text);
        await using tab = await browser.open(pathToFileURL(path).href, { width, scheme: "dark" });
        assert.deepEqual(await tab.evaluate(OVERLAPPING), [], `${scene} at ${width}`);
        assert.deepEqual(tab.complaints, []);
        await keepShot(tab, `picture-${scene}-${width}-dark`);
      }
    }
  });
});
