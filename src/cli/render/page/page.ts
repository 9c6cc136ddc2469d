import type { SchedulePage } from "../../../ops/operator.ts";
import { asMarkup, type Markup, markup, shown } from "../markup.ts";
import { pageDigits } from "../picture/digits.ts";
import { drawPicture } from "../picture/picture.ts";
import { duration } from "../units.ts";
import { aboutSection } from "./about.ts";
import { diskSection } from "./disk.ts";
import { enginesSection } from "./engines.ts";
import { pinsSection } from "./pins.ts";
import { problemsSection, verdict } from "./problems.ts";
import { releasesSection } from "./releases.ts";
import { SCRIPT } from "./script.ts";
import { PAGE_STYLES } from "./styles.ts";
import { foreign, instant, section } from "./text.ts";
import { trustSection } from "./trust.ts";

export interface PageFacts {
  /** Milliseconds since 1970: when it is made. */
  readonly now: number;
  /** Enginery's own. */
  readonly version: string;
}

/** The drawing for each kind of screen, by its width in pixels; the page shows the one that fits, and none is ever shrunk. */
const DRAWINGS = { wide: 1062, middle: 690, narrow: 310 } as const;
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect y='3' width='9' height='4' rx='1' fill='%2354aeff'/%3E%3Crect x='6' y='9' width='10' height='4' rx='1' fill='%230969da'/%3E%3C/svg%3E";

/**
 * The whole page as one file: it asks for nothing from anywhere, says so in its own policy, and is complete without its script.
 * Pure but for the hashes of that policy; what comes from outside is escaped.
 */
export async function drawPage(page: SchedulePage, facts: PageFacts): Promise<string> {
  const [style, script] = [await policyHash(PAGE_STYLES), await policyHash(SCRIPT)];
  const policy = `default-src 'none'; img-src data:; style-src ${style}; script-src ${script}; base-uri 'none'; form-action 'none'`;
  const { text } = markup`<html lang="en">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="${policy}" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<meta name="referrer" content="no-referrer" />
<meta name="generator" content="enginery ${facts.version}" />
<title>${titleOf(page)}</title>
<link rel="icon" href="${ICON}" />
<style>${asMarkup(PAGE_STYLES)}</style>
</head>
<body>
<p id="old" class="old" hidden="">This page is more than a day old: make it anew with <code>enginery schedule --html FILE</code></p>
${header(page, facts)}
<main>
${problemsSection(page.status)}
${enginesSection(page)}
${timeLineSection(page, facts)}
${releasesSection(page)}
<div class="beside">
${diskSection(page)}
${trustSection(page.status, facts.now)}
</div>
${pinsSection(page)}
${aboutSection(page)}
</main>
<footer><p id="made">Made ${instant(new Date(facts.now).toISOString())} by enginery ${facts.version}</p><p>It shows that moment, and does not follow the network: <code>enginery schedule --html FILE</code> makes it anew.</p></footer>
<script>${asMarkup(SCRIPT)}</script>
</body>
</html>
`;
  return `<!doctype html>\n${text}`;
}

function titleOf({ status, schedule }: SchedulePage): string {
  const at = schedule.observed === null ? "unknown" : String(schedule.observed);
  return `${shown(status.channel, 64)}: ${schedule.unit} ${at}`;
}

function header(page: SchedulePage, { now }: PageFacts): Markup {
  const { status, schedule, observation } = page;
  const { unit, observed } = schedule;
  const seen =
    observation === null
      ? markup`nothing has been observed yet: <code>enginery observe EPOCH</code>`
      : markup`${observed === null ? markup`${pageDigits(observation.epoch)} was ` : ""}observed ${duration(now - Date.parse(observation.at))} before this page was made, ${instant(observation.at)}, by ${foreign(observation.from, 60)}`;
  return markup`<header>
<div><p class="channel">${foreign(status.channel, 64)}</p>
<h1><span class="unit">${unit}</span> ${observed === null ? markup`<span class="none">unknown</span>` : pageDigits(observed)}</h1>
<p class="seen">${seen}</p></div>
${verdict(status)}
</header>`;
}

function timeLineSection(page: SchedulePage, { now }: PageFacts): Markup {
  if (Object.keys(page.schedule.engines).length === 0) return markup``;
  return section(
    "schedule",
    "Schedule",
    Object.entries(DRAWINGS).map(
      ([prefix, width]) => markup`<figure class="${prefix}">${drawPicture(page, { width, now, prefix })}</figure>
`,
    ),
  );
}

async function policyHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}
