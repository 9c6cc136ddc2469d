import type { SchedulePage } from "../../../ops/operator.ts";
import { type Markup, markup } from "../markup.ts";
import { bytes, counted } from "../units.ts";
import { foreign, meter, section, size } from "./text.ts";

const MOST_ROWS = 20;

/** What each release takes, the largest first, and what is free. */
export function diskSection({ installed, status }: SchedulePage): Markup {
  const { freeBytes } = status.disk;
  const sorted = installed.toSorted((one, other) => other.bytes - one.bytes);
  const largest = sorted[0]?.bytes ?? 0;
  const others = sorted.slice(MOST_ROWS);
  const rows = sorted.slice(0, MOST_ROWS).map(
    ({ engine, version, bytes: count }) =>
      markup`<li><span class="label">${foreign(engine)} <span class="mono">${foreign(version)}</span></span>${meter(count, largest)}<span class="value">${size(count)}</span></li>
`,
  );
  const total = installed.reduce((sum, each) => sum + each.bytes, 0);
  const rest = others.reduce((sum, each) => sum + each.bytes, 0);
  return section(
    "disk",
    "Disk",
    markup`<dl class="figures"><div><dt>${counted(installed.length, "release")} installed</dt><dd>${size(total)}</dd></div><div><dt>free on that disk</dt><dd>${size(freeBytes)}</dd></div></dl>
<ul class="bars">${rows}</ul>
${others.length === 0 ? "" : markup`<p class="rest">${`and ${counted(others.length, "smaller one")}, ${bytes(rest)}`}: <code>enginery list</code></p>`}`,
  );
}
