import type { EngineStatus, ListResult, ScheduleResult, StatusResult } from "../../ops/operator.ts";
import { holdWords } from "./hold.ts";
import { type Paint, printable } from "./paint.ts";
import { type Cell, facts, table } from "./table.ts";
import { timeLine } from "./timeline.ts";
import { bytes, counted, duration, short } from "./units.ts";

/** One screen: epoch, in effect, next with epochs left, disk, trust, problems. `now` in milliseconds since 1970. */
export function statusText(status: StatusResult, now: number, paint: Paint): string {
  const { disk, manifest } = status;
  const about = facts(
    [
      ["home", status.home],
      ["channel", `${status.channel} from ${printable(status.repository)}`],
      ["generation", `${status.generation}${status.held ? ", held still after a rollback" : ""}`],
      ["manifest", `serial ${manifest.serial}, ${short(manifest.sha256)}`],
      ...(status.hold === null ? [] : [["hold", holdWords(status.hold)] as const]),
      [status.unit, observedText(status, now)],
      ["disk", `${bytes(disk.installedBytes)} installed, ${bytes(disk.freeBytes)} free`],
      ["trust", trustText(status, now, paint)],
    ],
    paint,
  );
  const columns = [
    { title: "ENGINE" },
    { title: "IN EFFECT" },
    { title: "SINCE" },
    { title: "NEXT" },
    { title: "PINS" },
  ];
  const engines = table(
    columns,
    status.engines.map((engine) => engineRow(engine, status.epoch === null ? "unknown" : "none", paint)),
    paint,
  );
  const problems = status.problems.map((each) => `${paint.alarm(each.code)}: ${printable(each.message)}\n`).join("");
  return [about, engines, problems].filter((part) => part !== "").join("\n");
}

function engineRow(engine: EngineStatus, nothing: string, paint: Paint): readonly Cell[] {
  const { inEffect, next, selected } = engine;
  const here = (each: { readonly version: string; readonly installed: boolean }): Cell =>
    each.installed ? each.version : { text: `${each.version} (not installed)`, paint: paint.bad };
  return [
    engine.engine,
    inEffect !== null ? here(inEffect) : selected === null ? nothing : `${selected} (selected)`,
    inEffect === null ? "" : String(inEffect.validFrom),
    next === null
      ? nothing
      : `${next.version} at ${next.validFrom}, in ${next.epochsLeft}${next.installed ? "" : " (not installed)"}`,
    engine.pins === 0 ? "" : String(engine.pins),
  ];
}

function observedText(status: StatusResult, now: number): string {
  if (status.epoch === null) return "unknown";
  const age = status.observedAt === null ? "" : `, observed ${duration(now - Date.parse(status.observedAt))} ago`;
  return `${status.epoch}${age}`;
}

function trustText(status: StatusResult, now: number, paint: Paint): string {
  const { rootVersion, rootSha256 } = status.trust;
  if (rootVersion === null || rootSha256 === null) return paint.bad("damaged");
  return `root ${rootVersion}, ${short(rootSha256)}${expiryText(status, now, paint)}`;
}

function expiryText({ trust }: StatusResult, now: number, paint: Paint): string {
  return Object.entries(trust.expires)
    .map(([role, at]) =>
      trust.expired.includes(role)
        ? `, ${paint.bad(`${role} expired ${at}`)}`
        : `, ${role} ${duration(Date.parse(at) - now)}`,
    )
    .join("");
}

/** What is installed. */
export function listText(list: ListResult, paint: Paint): string {
  if (list.engines.length === 0) return `Nothing is installed in generation ${list.generation}.\n`;
  const columns = [
    { title: "ENGINE" },
    { title: "VERSION" },
    { title: "STATE" },
    { title: "VALID FROM", right: true as const },
    { title: "SIZE", right: true as const },
    { title: "PATH" },
  ];
  const rows = list.engines.map((each) => [
    each.engine,
    each.version,
    stateText(each.state),
    each.validFrom === null ? "" : String(each.validFrom),
    bytes(each.bytes),
    each.path,
  ]);
  return table(columns, rows, paint);
}

/** The deployments as a table and a time line, engine by engine. `width`: columns of the terminal. */
export function scheduleText(schedule: ScheduleResult, paint: Paint, width?: number): string {
  const observed = schedule.observed === null ? "unknown" : String(schedule.observed);
  const parts = Object.entries(schedule.engines).map(([engine, releases]) => {
    const title = `${paint.strong(printable(engine))}  (${printable(schedule.unit)} ${observed})\n`;
    if (releases.length === 0) return `${title}  no deployments\n`;
    const columns = [
      { title: "VERSION" },
      { title: "VALID FROM", right: true as const },
      { title: "STATE" },
      { title: "INSTALLED" },
      { title: "" },
    ];
    const rows = releases.map((each): readonly Cell[] => [
      each.version,
      String(each.validFrom),
      each.state === "in-effect" ? { text: "in effect", paint: paint.good } : stateText(each.state),
      each.installed ? "yes" : "no",
      each.withdrawn === undefined ? "" : { text: `withdrawn: ${each.withdrawn}`, paint: paint.bad },
    ]);
    return `${title}${table(columns, rows, paint)}\n${timeLine(releases, schedule.observed, paint, width)}`;
  });
  return parts.length === 0 ? `${counted(0, "engine")}.\n` : parts.join("\n");
}

function stateText(state: string | null): string {
  return state === null ? "unknown" : state.replace("-", " ");
}
