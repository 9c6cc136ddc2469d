import { type Content, type Markup, markup, shown } from "../markup.ts";
import { bytes } from "../units.ts";

/** `2026-01-02 03:04 UTC` of an instant; what is none stands as it is. */
export function instantText(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? shown(at, 40) : `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** An instant whose age the page's script tells. */
export function instant(at: string): Markup {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return markup`${shown(at, 40)}`;
  return markup`<time datetime="${new Date(time).toISOString()}">${instantText(at)}</time>`;
}

/** A name from outside, in its own direction of writing whatever stands beside it. */
export function foreign(text: string, most?: number): Markup {
  return markup`<bdi>${shown(text, most)}</bdi>`;
}

/** True bytes beside the short form. */
export function size(count: number): Markup {
  return markup`<span class="size">${bytes(count)}</span> <small>${count.toLocaleString("en-US")} bytes</small>`;
}

/** A share of a whole as a bar; the numbers stand beside it. */
export function meter(part: number, whole: number, names = ""): Markup {
  const width = whole <= 0 ? 0 : Math.max(0, Math.min(100, (100 * part) / whole));
  return markup`<svg class="meter ${names}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="whole" width="100" height="6" /><rect class="part" width="${width}" height="6" /></svg>`;
}

export function section(id: string, title: string, content: Content, names = ""): Markup {
  return markup`<section id="${id}" class="${names}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`;
}

/** Rows that are not shown, said in one line with the command that shows them. */
export function rest(count: number, what: string, command: string): Markup | undefined {
  return count <= 0 ? undefined : markup`<p class="rest">${`and ${count} more ${what}`}: <code>${command}</code></p>`;
}
