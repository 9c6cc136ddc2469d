import type { ListedRelease, ScheduledRelease, SchedulePage } from "../../../ops/operator.ts";
import { type Markup, markup, shown } from "../markup.ts";
import { pageDigits } from "../picture/digits.ts";
import { keptApart } from "../picture/merge.ts";
import { short } from "../units.ts";
import { foreign, rest, section } from "./text.ts";

const MOST_ROWS = 24;
const MOST_UNSCHEDULED = 12;

/** Every deployment, and what is installed without one: a table an engine, around now where there are many. */
export function releasesSection(page: SchedulePage): Markup {
  const engines = new Set([...Object.keys(page.schedule.engines), ...page.installed.map(({ engine }) => engine)]);
  if (engines.size === 0) return markup``;
  return section(
    "releases",
    "Releases",
    [...engines].map((engine) => engineTable(page, engine)),
  );
}

interface Row {
  readonly version: string;
  readonly validFrom: number | null;
  readonly words: string;
  readonly tone: string;
  readonly installed: boolean;
}

function engineTable(page: SchedulePage, engine: string): Markup {
  const deployments = page.schedule.engines[engine] ?? [];
  const [kept = { from: 0, to: 0 }] = keptApart([deployments], page.schedule.observed, MOST_ROWS);
  const here = new Map(page.installed.filter((each) => each.engine === engine).map((each) => [each.version, each]));
  const unscheduled = [...here.values()].filter(({ version }) => !deployments.some((each) => each.version === version));
  const rows = [
    ...deployments.slice(kept.from, kept.to).map(scheduledRow),
    ...unscheduled.slice(0, MOST_UNSCHEDULED).map((each) => unscheduledRow(page, each)),
  ];
  const pins = new Map(
    page.pins.filter((each) => each.engine === engine).map(({ version, count }) => [version, count]),
  );
  return markup`<div class="table"><table>
<caption>${foreign(engine)}</caption>
<thead><tr><th scope="col">Version</th><th scope="col" class="number">${`From ${page.schedule.unit}`}</th><th scope="col">Standing</th><th scope="col">Here</th><th scope="col" class="number">Pins</th><th scope="col" class="tree">Tree digest</th></tr></thead>
<tbody>${rows.map((row) => tableRow(row, here.get(row.version), pins.get(row.version) ?? 0))}</tbody>
</table></div>
${before(kept.from, engine)}${rest(deployments.length - kept.to, "deployments after these", `enginery schedule ${shown(engine)} --json`)}${rest(unscheduled.length - MOST_UNSCHEDULED, "without a deployment", `enginery list ${shown(engine)}`)}
`;
}

function before(count: number, engine: string): Markup | undefined {
  return rest(count, "deployments before these", `enginery schedule ${shown(engine)} --json`);
}

function tableRow(
  { version, validFrom, words, tone, installed }: Row,
  here: ListedRelease | undefined,
  pins: number,
): Markup {
  return markup`<tr class="${tone}"><th scope="row" class="mono">${shown(version)}</th><td class="number">${
    validFrom === null ? "–" : pageDigits(validFrom)
  }</td><td>${foreign(words)}</td><td>${installed ? "yes" : markup`<span class="absent">no</span>`}</td><td class="number">${
    pins === 0 ? "" : pageDigits(pins)
  }</td><td class="tree mono">${here === undefined ? "" : short(here.tree)}</td></tr>
`;
}

function scheduledRow({ version, validFrom, state, installed, withdrawn }: ScheduledRelease): Row {
  const standing = state === null ? "unknown" : state.replace("-", " ");
  return {
    version,
    validFrom,
    words: withdrawn === undefined ? standing : `${standing}, withdrawn: ${withdrawn}`,
    tone: withdrawn === undefined ? (state ?? "unknown") : "withdrawn",
    installed,
  };
}

function unscheduledRow({ status }: SchedulePage, { engine, version }: ListedRelease): Row {
  const isSelected = status.engines.some((each) => each.engine === engine && each.selected === version);
  return {
    version,
    validFrom: null,
    words: isSelected ? "selected" : "unscheduled",
    tone: isSelected ? "in-effect" : "superseded",
    installed: true,
  };
}
