import type { ReadyCheck, ReadyItem, ReadyResult } from "../../ops/operator.ts";
import { type Paint, printable } from "./paint.ts";
import { type Cell, type Column, table } from "./table.ts";
import { counted } from "./units.ts";

/** The checks of an installation, in their order; those of another name are told only where they failed. */
const COLUMNS = ["installed", "hashes", "host", "probe"] as const;
const RIGHT = { right: true } as const;

/** One line a release and one a check of the home; then what failed and what mends it; then the verdict. */
export function readyText(result: ReadyResult, paint: Paint): string {
  const parts = [releasesText(result, paint), homeText(result.home, paint), failuresText(result, paint)];
  return [...parts, verdict(result, paint)].filter((part) => part !== "").join("\n");
}

function releasesText({ items, unit }: ReadyResult, paint: Paint): string {
  const columns: readonly Column[] = [
    { title: "ENGINE" },
    { title: "VERSION" },
    { title: "WHY" },
    { title: `${printable(unit).toUpperCase()}S LEFT`, ...RIGHT },
    ...COLUMNS.map((name) => ({ title: name.toUpperCase() })),
  ];
  const rows = items.map((item): readonly Cell[] => [
    item.engine,
    { text: item.version, paint: item.ok ? paint.strong : paint.bad },
    whyText(item),
    item.epochsLeft === null ? "unknown" : item.epochsLeft === 0 ? "now" : String(item.epochsLeft),
    ...COLUMNS.map((name) => checkCell(item, name, paint)),
  ]);
  return table(columns, rows, paint);
}

function whyText({ why, validFrom, pins }: ReadyItem): string {
  const reason = why === "in-effect" ? "in effect" : why;
  const since = validFrom === null ? "" : ` from ${validFrom}`;
  return `${reason}${since}${pins === 0 ? "" : `, ${counted(pins, "pin")}`}`;
}

/** A check that could not be made, as one before it failed, has a dash. */
function checkCell({ checks }: ReadyItem, name: ReadyCheck["name"], paint: Paint): Cell {
  const found = checks.find((check) => check.name === name);
  if (found === undefined) return { text: "-", paint: paint.dim };
  return found.ok ? { text: "ok", paint: paint.good } : { text: "FAILED", paint: paint.bad };
}

function homeText(checks: readonly ReadyCheck[], paint: Paint): string {
  const columns: readonly Column[] = [{ title: "HOME" }, { title: "" }, { title: "" }];
  const rows = checks.map((check): readonly Cell[] => [
    check.name,
    check.ok ? { text: "ok", paint: paint.good } : { text: "FAILED", paint: paint.bad },
    what(check),
  ]);
  return table(columns, rows, paint);
}

function failuresText({ items, home }: ReadyResult, paint: Paint): string {
  const ofReleases = items.flatMap(({ engine, version, checks }) =>
    checks.filter(({ ok }) => !ok).map((check) => ({ place: `${engine} ${version}`, check })),
  );
  const ofHome = home.filter(({ ok }) => !ok).map((check) => ({ place: "home", check }));
  return [...ofReleases, ...ofHome]
    .map(({ place, check }) => {
      const mend = check.mend === undefined ? "" : `    mend: ${paint.strong(printable(check.mend))}\n`;
      return `${paint.bad(printable(place))}  ${check.name}: ${printable(what(check))}\n${mend}`;
    })
    .join("");
}

/** The detail without what mends it, which has a line of its own. */
function what({ detail, mend }: ReadyCheck): string {
  if (mend === undefined) return detail;
  const said = [`Mend it: ${mend}`, mend].find((end) => detail.endsWith(end)) ?? "";
  return detail.slice(0, detail.length - said.length).trimEnd();
}

function verdict({ ready, items, home, unit, epoch }: ReadyResult, paint: Paint): string {
  const at = epoch === null ? `at an unknown ${printable(unit)}` : `at ${printable(unit)} ${epoch}`;
  if (ready) return `${paint.good("Ready")} ${at}: ${counted(items.length, "release")}.\n`;
  const releases = items.filter(({ ok }) => !ok).length;
  const checks = home.filter(({ ok }) => !ok).length;
  const failed = [
    ...(releases === 0 ? [] : [`${releases} of ${counted(items.length, "release")}`]),
    ...(checks === 0 ? [] : [`${counted(checks, "check")} of the home`]),
  ].join(" and ");
  return `${paint.bad("Not ready")} ${at}: ${failed} failed.\n`;
}
