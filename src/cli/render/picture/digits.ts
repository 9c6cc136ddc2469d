import { type Markup, markup } from "../markup.ts";
import { textWidth } from "../text-width.ts";

/** Between groups of three digits, in parts of the font's size: a gap, and no character, so that what is copied is the number. */
const GAP = 0.22;

/** A whole number for a picture: its digits, those above 9999 in groups of three. */
export function digits(value: number): Markup {
  const [first = "", ...rest] = groupsOf(value);
  return markup`${first}${rest.map((group) => markup`<tspan dx="${GAP}em">${group}</tspan>`)}`;
}

/** Words with the numbers among them (not those within a version) as `digits` writes them. */
export function withDigits(words: string): Markup {
  const parts = words.split(/(?<![\w.+-])(\d{5,})(?![\w+-]|\.\d)/);
  return markup`${parts.map((part, at) => (at % 2 === 0 ? part : digits(Number(part))))}`;
}

/** As `digits`, for a page. */
export function pageDigits(value: number): Markup {
  const [first = "", ...rest] = groupsOf(value);
  return markup`<span class="digits">${first}${rest.map((group) => markup`<span>${group}</span>`)}</span>`;
}

/** Pixels that `digits` takes in the mono face. */
export function digitsWidth(value: number, size: number): number {
  return textWidth(String(value), size, "mono") + (groupsOf(value).length - 1) * GAP * size;
}

function groupsOf(value: number): readonly string[] {
  const text = String(value);
  return text.length < 5 ? [text] : text.split(/(?=(?:\d{3})+$)/);
}
