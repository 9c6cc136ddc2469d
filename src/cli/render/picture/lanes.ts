import type { EngineStatus, ScheduledRelease, SchedulePage } from "../../../ops/operator.ts";
import { type Kept, keptApart, stationsOf } from "./merge.ts";

/** What of the page the picture draws, as plain numbers and words. */
export interface Lane {
  readonly engine: string;
  /** Earliest first; the last is open to the right. */
  readonly bars: readonly Bar[];
  readonly standing: EngineStatus | undefined;
  /** Deployments of the schedule, drawn apart or together. */
  readonly deployments: number;
}

/** One deployment, or several that are drawn as one. */
export interface Bar {
  /** Null: from the beginning of the picture; a selection has no epochs. */
  readonly from: number | null;
  /** The first epoch after it; null: it goes on. */
  readonly until: number | null;
  readonly kind: BarKind;
  readonly first: string;
  readonly last: string;
  readonly count: number;
  readonly absent: number;
  readonly withdrawn: number;
  /** What operators were told, where it is one. */
  readonly reason: string | undefined;
  readonly pins: number;
}

export type BarKind = "in-effect" | "pending" | "superseded" | "unknown" | "selected";

/** Lanes with at most about `most` places on the axis: what lies far from now is drawn together. */
export function lanesOf(page: SchedulePage, most: number): readonly Lane[] {
  const { schedule, status } = page;
  const names = Object.keys(schedule.engines);
  const apart = keptApart(
    names.map((name) => schedule.engines[name] ?? []),
    schedule.observed,
    most,
  );
  const pins = new Map(page.pins.map(({ engine, version, count }) => [`${engine}@${version}`, count]));
  return names.map((engine, at): Lane => {
    const standing = status.engines.find((each) => each.engine === engine);
    const releases = schedule.engines[engine] ?? [];
    const pinsOf = (version: string) => pins.get(`${engine}@${version}`) ?? 0;
    const bars = barsOf(releases, apart[at] ?? { from: 0, to: releases.length }, pinsOf);
    return {
      engine,
      bars: bars.length > 0 ? bars : selectionOf(page, engine, standing, pinsOf),
      standing,
      deployments: releases.length,
    };
  });
}

/** Every epoch at which a bar begins: ascending, each once. */
export function beginsOf(lanes: readonly Lane[]): readonly number[] {
  return stationsOf([lanes.flatMap(({ bars }) => bars.flatMap(({ from }) => (from === null ? [] : [from])))], null);
}

function barsOf(releases: readonly ScheduledRelease[], kept: Kept, pinsOf: (version: string) => number): Bar[] {
  const groups = [
    releases.slice(0, kept.from),
    ...releases.slice(kept.from, kept.to).map((release) => [release]),
    releases.slice(kept.to),
  ].filter((group) => group.length > 0);
  return groups.map((group, at) => barOf(group, groups[at + 1]?.[0]?.validFrom ?? null, pinsOf));
}

function barOf(group: readonly ScheduledRelease[], until: number | null, pinsOf: (version: string) => number): Bar {
  const [first, last] = [group[0], group.at(-1)];
  if (first === undefined || last === undefined) throw new Error("a bar stands for a deployment");
  return {
    from: first.validFrom,
    until,
    kind: first.state === null || first.state === "unscheduled" ? "unknown" : first.state,
    first: first.version,
    last: last.version,
    count: group.length,
    absent: group.filter(({ installed }) => !installed).length,
    withdrawn: group.filter(({ withdrawn }) => withdrawn !== undefined).length,
    reason: group.length === 1 ? first.withdrawn : undefined,
    pins: group.reduce((sum, { version }) => sum + pinsOf(version), 0),
  };
}

/** An engine without a schedule: what `use` selected, at every epoch. */
function selectionOf(
  { installed }: SchedulePage,
  engine: string,
  standing: EngineStatus | undefined,
  pinsOf: (version: string) => number,
): readonly Bar[] {
  const selected = standing?.selected ?? null;
  if (selected === null) return [];
  const isHere = installed.some((release) => release.engine === engine && release.version === selected);
  return [
    {
      from: null,
      until: null,
      kind: "selected",
      first: selected,
      last: selected,
      count: 1,
      absent: isHere ? 0 : 1,
      withdrawn: 0,
      reason: undefined,
      pins: pinsOf(selected),
    },
  ];
}
