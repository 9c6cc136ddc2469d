import type { ReadyCheck, ReadyItem, ReadyResult } from "../../ops/operator.ts";
import { type Paint, printable } from "./paint.ts";
import { type Cell, type Column, table } from "./table.ts";
import { counted } from "./units.ts";

/** The checks of an installation, in their order; those of another name are told only where they failed. */
const COLUMNS = ["installed", "hashes", "host", "probe"] as const;
const RIGHT = { right: true } as const;

/** One line a release and one a check of the home, then what failed and what mends it, then the verdict. */
export function readyText(result: ReadyResult, paint: Paint): string {
  const parts = [releasesText(result, paint), homeText(result.home, paint), failuresText(result.items, paint)];
  return [...parts.filter((part) => part !== ""), verdict(result, paint)].join("\n");
}

function releasesText({ items, unit }: ReadyResult, paint: Paint): string {
  const columns: readonly Column[] = [
    { title: "ENGINE" },
    { title: "VERSION" },
    { title: "WHY" },
    { title: `${printable(unit).toUpperCase()}S LEFT`, ...RIGHT },
    ...COLUMNS.map((name) => ({ title: name.toUpperCase() })),
  ];
  return table(
    columns,
    items.map((item) => [
      item.engine,
      { text: item.version, paint: item.ok ? paint.strong : paint.bad },
      whyText(item),
      item.epochsLeft === null ? "unknown" : item.epochsLeft === 0 ? "now" : String(item.epochsLeft),
      ...COLUMNS.map((name) => verdictCell(item, name, paint)),
    ]),
    paint,
  );
}

function whyText({ why, validFrom, pins }: ReadyItem): string {
  const reason = why === "in-effect" ? "in effect" : why;
  const since = validFrom === null ? "" : ` from ${validFrom}`;
  return `${reason}${since}${pins === 0 ? "" : `, ${counted(pins, "pin")}`}`;
}

/** A check that could not be made, as one before it failed, has an empty cell. */
function verdictCell({ checks }: ReadyItem, name: ReadyCheck["name"], paint: Paint): Cell {
  const found = checks.find((check) => check.name === name);
  if (found === undefined) return { text: "-", paint: paint.dim };
  return found.ok ? { text: "yes", paint: paint.good } : { text: "NO", paint: paint.bad };
}

function homeText(checks: readonly ReadyCheck[], paint: Paint): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  return checks
    .map(({ name, ok, detail }) => {
      const mark = ok ? paint.good("yes") : paint.bad("NO ");
      return `  ${mark}  ${name.padEnd(width)}  ${printable(detail)}\n`;
    })
    .join("");
}

function failuresText(items: readonly ReadyItem[], paint: Paint): string {
  return items
    .flatMap(({ engine, version, checks }) =>
      checks
        .filter(({ ok }) => !ok)
        .map(({ name, detail }) => `${paint.bad(`${engine} ${version}`)}  ${name}: ${printable(detail)}\n`),
    )
    .join("");
}

function verdict({ ready, items, home, unit, epoch }: ReadyResult, paint: Paint): string {
  const at = epoch === null ? `at an unknown ${printable(unit)}` : `at ${printable(unit)} ${epoch}`;
  if (ready) return `${paint.good("Ready")} ${at}: ${counted(items.length, "release")}.\n`;
  const releases = items.filter(({ ok }) => !ok).length;
  const checks = home.filter(({ ok }) => !ok).length;
  const what = [
    ...(releases === 0 ? [] : [`${releases} of ${counted(items.length, "release")}`]),
    ...(checks === 0 ? [] : [`${counted(checks, "check")} of the home`]),
  ].join(" and ");
  return `${paint.bad("Not ready")} ${at}: ${what} failed.\n`;
}
