import type { SchedulePage } from "../../../ops/operator.ts";
import { type Content, type Markup, markup } from "../markup.ts";
import { pageDigits } from "../picture/digits.ts";
import { foreign, instant, section } from "./text.ts";

/** What the page was made from: whoever doubts it can look it up. */
export function aboutSection(page: SchedulePage): Markup {
  const { status, schedule, windowFrom } = page;
  const { trust, manifest, hold } = status;
  const facts: readonly (readonly [string, Content])[] = [
    ["Channel", foreign(status.channel)],
    ["Repository", markup`<span class="mono">${foreign(status.repository, 400)}</span>`],
    ["Home", markup`<span class="mono">${foreign(status.home, 400)}</span>`],
    ["Generation", markup`${pageDigits(status.generation)}, committed ${instant(page.committedAt)}`],
    ["Manifest", markup`serial ${pageDigits(manifest.serial)}${publishedAt(page)}`],
    ["Manifest sha256", markup`<span class="mono">${manifest.sha256}</span>`],
    ["Trusted root", trust.rootVersion === null ? "damaged" : markup`version ${pageDigits(trust.rootVersion)}`],
    ["Root sha256", trust.rootSha256 === null ? "damaged" : markup`<span class="mono">${trust.rootSha256}</span>`],
    [
      "Retention window",
      windowFrom === null ? "the whole schedule" : markup`from ${schedule.unit} ${pageDigits(windowFrom)} on`,
    ],
    ["Upgrades", status.held ? "hold still after a rollback" : hold === null ? "go on" : "automatic ones are on hold"],
    ...(hold?.reason === undefined ? [] : [["Hold", foreign(hold.reason, 300)] as const]),
  ];
  return section(
    "about",
    "Made from",
    markup`<dl class="about">${facts.map(
      ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
    )}</dl>`,
  );
}

function publishedAt({ publishedEpoch, schedule }: SchedulePage): Markup | undefined {
  return publishedEpoch === null ? undefined : markup`, published at ${schedule.unit} ${pageDigits(publishedEpoch)}`;
}
