import type { EngineStatus, SchedulePage } from "../../../ops/operator.ts";
import { type Markup, markup, shown } from "../markup.ts";
import { pageDigits } from "../picture/digits.ts";
import { foreign, meter, section } from "./text.ts";

/** A card an engine: what is in effect, and what is next. */
export function enginesSection(page: SchedulePage): Markup {
  const { engines } = page.status;
  if (engines.length === 0) return section("engines", "In effect", markup`<p>The channel has no engines.</p>`);
  return section(
    "engines",
    "In effect",
    markup`<div class="cards">${engines.map((engine) => card(page, engine))}</div>`,
  );
}

function card(page: SchedulePage, engine: EngineStatus): Markup {
  const { inEffect, pins } = engine;
  const reason = inEffect === null ? undefined : releaseOf(page, engine.engine, inEffect.version)?.withdrawn;
  return markup`<article class="card${inEffect?.installed === false || reason !== undefined ? " alarm" : ""}">
<h3>${foreign(engine.engine)}</h3>
${present(page, engine)}
${inEffect?.installed === false ? markup`<p class="badge bad">not installed here</p>` : ""}
${reason === undefined ? "" : markup`<p class="badge bad">withdrawn</p><p class="why">${foreign(reason)}</p>`}
${upcoming(page, engine)}
<p class="aside">${pins === 0 ? "no pins" : markup`${pageDigits(pins)} ${pins === 1 ? "pin" : "pins"}`}</p>
</article>
`;
}

function present({ schedule, status }: SchedulePage, { engine, inEffect, selected }: EngineStatus): Markup {
  const { unit } = schedule;
  if (inEffect !== null) {
    return markup`<p class="version">${shown(inEffect.version)}</p><p>in effect since ${unit} ${pageDigits(inEffect.validFrom)}</p>`;
  }
  if ((schedule.engines[engine] ?? []).length === 0) {
    if (selected === null) return markup`<p class="version none">none</p><p>no schedule, and nothing selected</p>`;
    return markup`<p class="version">${shown(selected)}</p><p>selected; the engine has no schedule</p>`;
  }
  if (status.epoch === null)
    return markup`<p class="version none">unknown</p><p>it hangs on the ${unit}, which is unknown</p>`;
  return markup`<p class="version none">none</p><p>no deployment has begun</p>`;
}

function upcoming({ schedule, status }: SchedulePage, { engine, inEffect, next }: EngineStatus): Markup {
  const { unit } = schedule;
  if (next === null || status.epoch === null) {
    const isScheduled = (schedule.engines[engine] ?? []).length > 0 && status.epoch !== null;
    return isScheduled ? markup`<p class="next">nothing is pending</p>` : markup``;
  }
  const from = inEffect?.validFrom ?? 0;
  return markup`<div class="next">
${meter(status.epoch - from, next.validFrom - from)}
<p><strong>${pageDigits(next.epochsLeft)} ${next.epochsLeft === 1 ? unit : `${unit}s`} left</strong></p>
<p>then <span class="mono">${shown(next.version)}</span> from ${unit} ${pageDigits(next.validFrom)}</p>
${next.installed ? markup`<p class="badge good">installed ahead</p>` : markup`<p class="badge warn">not installed yet</p>`}
</div>`;
}

export function releaseOf({ schedule }: SchedulePage, engine: string, version: string) {
  return schedule.engines[engine]?.find((release) => release.version === version);
}
