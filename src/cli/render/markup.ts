import { printable } from "./paint.ts";

/** Text that is markup already. Only `markup` and `asMarkup` make it, so that what comes from outside is always escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | null | undefined | readonly Content[];

/** Markup with what is filled in escaped, for text and for attributes in double quotes, of XML and of HTML; null and undefined: nothing. */
export function markup(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.map((part, at) => (at === 0 ? part : `${textOf(contents[at - 1])}${part}`)).join(""));
}

/** For constants of ours: styles, scripts. */
export function asMarkup(text: string): Markup {
  return new Markup(text);
}

/** ` name="value"` for each that is not undefined. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): Markup {
  return new Markup(
    Object.entries(values)
      .map(([name, value]) => (value === undefined ? "" : ` ${name}="${textOf(value)}"`))
      .join(""),
  );
}

/** Text from outside for people: nothing invisible, nothing that turns the direction of writing, at most `most` characters. */
export function shown(text: string, most = 160): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

function textOf(content: Content): string {
  if (content === null || content === undefined) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "number") return numberText(content);
  if (typeof content === "string") return escaped(content);
  return content.map(textOf).join("");
}

/** Whole numbers exactly; others are coordinates, and a hundredth of a pixel is enough. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`${value} cannot be drawn`);
  return String(Number.isInteger(value) ? value : Math.round(value * 100) / 100);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Neither XML nor HTML knows control characters, lone surrogates and non-characters. */
function escaped(text: string): string {
  const known = printable(text.toWellFormed()).replaceAll(/\p{Noncharacter_Code_Point}/gu, "\ufffd");
  return known.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
