import type { PinnedRelease, SchedulePage } from "../../../ops/operator.ts";
import { type Markup, markup, shown } from "../markup.ts";
import { pageDigits } from "../picture/digits.ts";
import { foreign, section } from "./text.ts";

const MOST_RELEASES = 24;

/** How many tenants stay on which release, and the first of them by name. */
export function pinsSection({ pins }: SchedulePage): Markup {
  if (pins.length === 0) return section("pins", "Pins", markup`<p>No tenant is pinned.</p>`);
  const rest = pins.length - MOST_RELEASES;
  return section(
    "pins",
    "Pins",
    markup`<div class="pinned">${pins.slice(0, MOST_RELEASES).map(pinned)}</div>${
      rest > 0 ? markup`<p class="rest">${`and ${rest} more releases`}: <code>enginery pins</code></p>` : ""
    }`,
  );
}

function pinned({ engine, version, count, tenants }: PinnedRelease): Markup {
  const rest = count - tenants.length;
  return markup`<article>
<h3>${foreign(engine)} <span class="mono">${foreign(version)}</span> <span class="count">${pageDigits(count)} ${count === 1 ? "tenant" : "tenants"}</span></h3>
<ul class="tenants">${tenants.map((tenant) => markup`<li>${foreign(tenant, 80)}</li>`)}${
    rest > 0
      ? markup`<li class="more">and ${pageDigits(rest)} more: <code>enginery pins ${shown(engine)}</code></li>`
      : ""
  }</ul>
</article>
`;
}
