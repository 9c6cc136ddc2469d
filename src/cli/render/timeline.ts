import type { ScheduledRelease } from "../../ops/operator.ts";
import type { Paint } from "./paint.ts";

const WIDTH = 56;
const MARKS = { "in-effect": "=", pending: ".", superseded: "-", unscheduled: " " } as const;

/**
 * Deployments as bars over epochs, one line each: `-` superseded, `=` in effect, `.` pending, `~` not known; a last line marks the
 * observed epoch. The right end is open: what lies there goes on.
 */
export function timeLine(releases: readonly ScheduledRelease[], observed: number | null, paint: Paint): string {
  const starts = releases.map((release) => release.validFrom);
  const first = Math.min(...starts, observed ?? Number.POSITIVE_INFINITY);
  const last = Math.max(...starts, observed ?? 0);
  const span = Math.max(1, (last - first) * 1.2);
  const place = (epoch: number) => Math.min(WIDTH - 1, Math.round(((epoch - first) / span) * WIDTH));
  const ordered = releases.toSorted((one, other) => one.validFrom - other.validFrom);
  const names = Math.max(8, ...ordered.map((release) => release.version.length));
  const bars = ordered.map((release, at) => {
    const begin = place(release.validFrom);
    const next = ordered[at + 1];
    const end = Math.max(begin + 1, next === undefined ? WIDTH : place(next.validFrom));
    const mark = release.state === null ? "~" : MARKS[release.state];
    const bar = `${mark.repeat(end - begin)}${next === undefined ? ">" : ""}`;
    const painted = release.state === "in-effect" ? paint.good(bar) : paint.dim(bar);
    return `  ${release.version.padEnd(names)}  ${" ".repeat(begin)}${painted}\n`;
  });
  const now = observed === null ? "" : `  ${"observed".padEnd(names)}  ${" ".repeat(place(observed))}^ ${observed}\n`;
  return `${bars.join("")}${now}`;
}
