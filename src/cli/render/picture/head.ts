import type { SchedulePage } from "../../../ops/operator.ts";
import { type Markup, markup } from "../markup.ts";
import { textWidth, wrapped } from "../text-width.ts";
import { duration } from "../units.ts";
import { digits, digitsWidth, withDigits } from "./digits.ts";
import { clamped } from "./placing.ts";
import type { Scale } from "./scale.ts";

const FLAG_SIZE = 12.5;
const SMALL = 12;

export interface DrawnHead {
  readonly drawn: Markup;
  readonly bottom: number;
}

/** Above the lanes: the picture's name where it stands alone, and the flag of now; where the epoch is unknown, that. */
export function drawHead(page: SchedulePage, scale: Scale, now: number, name: string | undefined): DrawnHead {
  const top = name === undefined ? 4 : 36;
  const title = name === undefined ? undefined : markup`<text class="name" x="${scale.left}" y="24">${name}</text>`;
  const { observed, unit } = page.schedule;
  const flag = observed === null ? unknownFlag(page, scale, now, top) : nowFlag(observed, unit, page, scale, now, top);
  return { drawn: markup`${title}${flag.drawn}`, bottom: flag.bottom };
}

/** From the flag down to the axis. */
export function nowLine(scale: Scale, observed: number | null, from: number, to: number): Markup | undefined {
  if (observed === null) return undefined;
  const x = scale.at(observed);
  return markup`<path class="now-line" d="M${x} ${from}V${to}" />`;
}

function nowFlag(
  observed: number,
  unit: string,
  page: SchedulePage,
  scale: Scale,
  now: number,
  top: number,
): DrawnHead {
  const word = `now: ${unit} `;
  const age = ageWords(page, now);
  const width = textWidth(word, FLAG_SIZE, "bold") + 1.12 * digitsWidth(observed, FLAG_SIZE);
  const middle = clamped(scale.at(observed), Math.max(width, textWidth(age, SMALL, "sans")), scale.left, scale.right);
  return {
    drawn: markup`<text class="flag" text-anchor="middle" x="${middle}" y="${top + 13}">${word}${digits(observed)}</text><text class="small" text-anchor="middle" x="${middle}" y="${top + 30}">${age}</text>`,
    bottom: top + 40,
  };
}

function unknownFlag({ observation, schedule }: SchedulePage, scale: Scale, now: number, top: number): DrawnHead {
  const { unit } = schedule;
  const words =
    observation === null
      ? `The ${unit} is unknown: nothing has been observed yet.`
      : `The ${unit} is unknown: ${observation.epoch} was observed ${duration(now - Date.parse(observation.at))} before, which is too long ago to count.`;
  const lines = wrapped(words, scale.right - scale.left, FLAG_SIZE, "bold");
  return {
    drawn: markup`${lines.map((line, at) => markup`<text class="flag" x="${scale.left}" y="${top + 13 + 17 * at}">${withDigits(line)}</text>`)}`,
    bottom: top + 23 + 17 * (lines.length - 1),
  };
}

function ageWords({ observation }: SchedulePage, now: number): string {
  return observation === null ? "" : `observed ${duration(now - Date.parse(observation.at))} before this was drawn`;
}
