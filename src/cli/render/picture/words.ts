import { shown } from "../markup.ts";
import { counted } from "../units.ts";
import type { Bar, BarKind, Lane } from "./lanes.ts";

export const KIND_WORDS: Readonly<Record<BarKind, string>> = {
  "in-effect": "in effect",
  pending: "pending",
  superseded: "superseded",
  unknown: "in effect or not: the epoch is unknown",
  selected: "selected, without a schedule",
};

/** `1 session`, `800 sessions`. */
export function epochs(count: number, unit: string): string {
  return counted(count, unit);
}

/** What a bar says of itself beside its version, the longest form first. */
export function barWords({ kind, absent, withdrawn }: Bar): readonly string[] {
  const state = kind === "unknown" ? "" : kind === "in-effect" ? "in effect" : kind;
  const exceptions = [withdrawn > 0 ? "withdrawn" : "", absent > 0 ? "not installed" : ""].filter(
    (word) => word !== "",
  );
  const whole = [state, ...exceptions].filter((word) => word !== "").join(", ");
  return [whole, exceptions.join(", "), ""].filter((words, at, all) => all.indexOf(words) === at);
}

/** `1.2.0`; of several: `1.0.0 to 1.9.0, 40 deployments`. */
export function barName({ first, last, count }: Bar): string {
  return count === 1 ? first : `${first} to ${last}, ${counted(count, "deployment")}`;
}

/** One sentence without its end: what a pointer, or a reader of the screen, is told of a bar. */
export function barSentence(bar: Bar, unit: string): string {
  const { count, absent, withdrawn, reason, pins } = bar;
  const some = (number: number, word: string) =>
    number === 0 ? "" : count === 1 ? `, ${word}` : `, ${number} of them ${word}`;
  return [
    `${barName(bar)}: ${KIND_WORDS[bar.kind]}${spanWords(bar, unit)}`,
    absent === 0 ? ", installed" : some(absent, "not installed"),
    reason === undefined ? some(withdrawn, "withdrawn") : `, withdrawn: ${shown(reason)}`,
    pins === 0 ? "" : `, ${counted(pins, "pin")}`,
  ].join("");
}

/** What stands beside the engine's name. */
export function laneWords({ standing, bars, deployments }: Lane, unit: string, observed: number | null): string {
  if (deployments === 0) {
    const [selected] = bars;
    if (selected === undefined) return "no schedule, nothing selected";
    return `${selected.first} selected${selected.absent > 0 ? ", not installed" : ""}; no schedule`;
  }
  const now = standing?.inEffect ?? null;
  if (now === null && observed === null) return `the ${unit} is unknown, and so is what is in effect`;
  const present =
    now === null
      ? "nothing is in effect"
      : `${now.version} in effect since ${now.validFrom}${now.installed ? "" : ", not installed"}`;
  const next = standing?.next ?? null;
  if (next === null) return `${present}; nothing is pending`;
  return `${present}; ${next.version} in ${epochs(next.epochsLeft, unit)}${next.installed ? "" : ", not installed"}`;
}

/** The whole picture in words, for those who do not see it. */
export function pictureWords(lanes: readonly Lane[], unit: string, observed: number | null, most: number): string {
  const said = lanes.flatMap((lane) => [
    `${lane.engine}: ${laneWords(lane, unit, observed)}.`,
    ...lane.bars.map((bar) => `${barSentence(bar, unit)}.`),
  ]);
  const rest = said.length - most;
  const end = rest > 0 ? [`${counted(rest, "more statement")}: enginery schedule --json.`] : [];
  return [...said.slice(0, most), ...end].join(" ");
}

function spanWords({ from, until }: Bar, unit: string): string {
  if (from === null) return `, at every ${unit}`;
  return until === null ? `, from ${unit} ${from} on` : `, ${unit} ${from} to ${until - 1}`;
}
