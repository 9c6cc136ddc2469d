import type { HistoryResult } from "../../ops/operator.ts";
import type { Paint } from "./paint.ts";
import { table } from "./table.ts";
import { counted, short } from "./units.ts";

const RIGHT = { right: true } as const;
/** More than a person reads; `--json` has it all. */
const SHOWN = 20;

/** `asked`: for an engine or an epoch; else what is in effect when is left to `schedule`. */
export function historyText(result: HistoryResult, asked: boolean, paint: Paint): string {
  const generations = generationTable(result, paint);
  const spans = asked ? spanTable(result, paint) : "";
  const work = workTable(result, paint);
  return `${generations || "No generation is told of.\n"}${spans && `\n${spans}`}${work && `\n${work}`}`;
}

function generationTable({ generations }: HistoryResult, paint: Paint): string {
  const columns = [
    { title: "GENERATION", ...RIGHT },
    { title: "AT" },
    { title: "CAUSE" },
    { title: "SERIAL", ...RIGHT },
    { title: "INSTALLED", ...RIGHT },
    { title: "" },
  ];
  const rows = generations.map((each) => [
    String(each.number),
    each.at,
    each.cause,
    String(each.manifest.serial),
    String(each.releases.length),
    [
      each.newest ? "newest" : "",
      each.restores === undefined ? "" : `restates ${each.restores}`,
      ...Object.entries(each.reasons ?? {}).map(([rule, reason]) => `${rule}: ${reason}`),
    ]
      .filter((part) => part !== "")
      .join(", "),
  ]);
  return table(columns, rows, paint);
}

function spanTable({ inEffect }: HistoryResult, paint: Paint): string {
  const columns = [
    { title: "IN EFFECT" },
    { title: "VERSION" },
    { title: "FROM", ...RIGHT },
    { title: "TO", ...RIGHT },
    { title: "TREE" },
  ];
  const rows = inEffect.map((each) => [
    each.engine,
    each.version,
    String(each.validFrom),
    each.lastEpoch === null ? "" : String(each.lastEpoch),
    each.tree === null ? "" : short(each.tree),
  ]);
  return table(columns, rows, paint);
}

/** The newest, oldest of them first. */
function workTable({ work }: HistoryResult, paint: Paint): string {
  const columns = [
    { title: "RAN AT" },
    { title: "ENGINE" },
    { title: "VERSION" },
    { title: "EPOCH", ...RIGHT },
    { title: "TREE" },
    { title: "BY" },
    { title: "" },
  ];
  const rows = work
    .slice(-SHOWN)
    .map((each) => [
      each.at,
      each.engine,
      each.version,
      each.epoch === undefined ? "" : String(each.epoch),
      each.tree === undefined ? "" : short(each.tree),
      each.by === "ran" ? "its lease" : each.by,
      [
        each.tenant === undefined ? "" : `tenant ${each.tenant}`,
        (each.runs ?? 1) === 1 ? "" : `${counted(each.runs ?? 1, "run")} until ${each.until ?? each.at}`,
      ]
        .filter((part) => part !== "")
        .join(", "),
    ]);
  const more = work.length > SHOWN ? `${counted(work.length - SHOWN, "run")} before these; --json has them all.\n` : "";
  return `${table(columns, rows, paint)}${more}`;
}
