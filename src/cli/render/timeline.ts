import type { ScheduledRelease } from "../../ops/operator.ts";
import { type Paint, printable } from "./paint.ts";
import { keptApart } from "./picture/merge.ts";
import { type Scale, scaleOf } from "./picture/scale.ts";
import { shortened } from "./text-width.ts";

/** Of something that is no terminal, or does not tell. */
const USUAL_COLUMNS = 80;
const LEAST_ROOM = 24;
const MOST_ROOM = 100;
const MOST_NAME = 24;
const OPEN_END = 8;
/** Columns that a bar takes at the least. */
const NEAR = 2;
const MOST_BARS = 40;
const MARKS = { "in-effect": "=", pending: ".", superseded: "-", unscheduled: " " } as const;

/**
 * Deployments as bars over epochs, one line each: `-` superseded, `=` in effect, `.` pending, `~` not known; a last line marks the
 * observed epoch. The right end is open: what lies there goes on. Where spans are too unlike each other to be drawn as they are it
 * says so, and where deployments are many those far from now share a line. ASCII alone: every terminal shows it.
 */
export function timeLine(
  releases: readonly ScheduledRelease[],
  observed: number | null,
  paint: Paint,
  columns = USUAL_COLUMNS,
): string {
  const bars = barsOf(
    releases.toSorted((one, other) => one.validFrom - other.validFrom),
    observed,
  );
  const names = Math.max(8, ...bars.map(({ name }) => name.length));
  const room = Math.max(LEAST_ROOM, Math.min(MOST_ROOM, columns - names - 6));
  const begins = bars.map(({ from }) => from);
  const scale = scaleOf(begins, observed, { left: 0, right: room, openEnd: OPEN_END, near: NEAR });
  const place = (epoch: number) => Math.min(room - 1, Math.round(scale.at(epoch)));
  const lines = bars.map(({ name, from, mark, isInEffect }, at) => {
    const begin = place(from);
    const next = begins[at + 1];
    const bar = `${mark.repeat(Math.max(1, (next === undefined ? room : place(next)) - begin))}${next === undefined ? ">" : ""}`;
    return `  ${name.padEnd(names)}  ${" ".repeat(begin)}${isInEffect ? paint.good(bar) : paint.dim(bar)}\n`;
  });
  return `${lines.join("")}${nowLine(observed, names, place)}${scaleNote(scale, names, paint)}`;
}

interface Bar {
  readonly name: string;
  readonly from: number;
  readonly mark: string;
  readonly isInEffect: boolean;
}

function barsOf(releases: readonly ScheduledRelease[], observed: number | null): readonly Bar[] {
  const [kept = { from: 0, to: releases.length }] = keptApart([releases], observed, MOST_BARS);
  return [
    ...together(releases.slice(0, kept.from)),
    ...releases.slice(kept.from, kept.to).map((release) => barOf(release, printable(release.version))),
    ...together(releases.slice(kept.to)),
  ];
}

function together(releases: readonly ScheduledRelease[]): readonly Bar[] {
  const [first] = releases;
  return first === undefined ? [] : [barOf(first, `${releases.length} more`)];
}

function barOf({ validFrom, state }: ScheduledRelease, name: string): Bar {
  const mark = state === null ? "~" : MARKS[state];
  return { name: shortened(name, MOST_NAME, ".."), from: validFrom, mark, isInEffect: state === "in-effect" };
}

function nowLine(observed: number | null, names: number, place: (epoch: number) => number): string {
  return observed === null ? "" : `  ${"observed".padEnd(names)}  ${" ".repeat(place(observed))}^ ${observed}\n`;
}

function scaleNote({ isEven }: Scale, names: number, paint: Paint): string {
  return isEven ? "" : `  ${" ".repeat(names)}  ${paint.dim("(not to scale)")}\n`;
}
