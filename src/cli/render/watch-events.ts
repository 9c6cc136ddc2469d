import type { ReleaseName, WatchEvent } from "../../ops/operator.ts";
import { type Call, isOn } from "../call.ts";
import { JSON_DOCUMENT, QUIET, VERBOSE } from "../commands/global-flags.ts";
import { type Paint, printable } from "./paint.ts";

/** Said on stderr, a line each: words for people, or JSON. Under -q alarms, failures and warnings stay. */
export function eventTeller(call: Call): (event: WatchEvent) => void {
  const { stderr } = call.outside;
  const json = isOn(call, JSON_DOCUMENT);
  const quiet = isOn(call, QUIET);
  const verbose = isOn(call, VERBOSE);
  return (event) => {
    if (quiet && !["alarm", "failure", "warning"].includes(event.event)) return;
    // heights change every few seconds
    if (!verbose && (event.event === "note" || (event.event === "epoch" && !json))) return;
    stderr.write(json ? `${JSON.stringify(event)}\n` : `${eventLine(event, call.talkPaint)}\n`);
  };
}

export function eventLine(event: WatchEvent, paint: Paint): string {
  return `${paint.dim(event.at.replace(/\.\d+Z$/, "Z"))} ${wordsOf(event, paint)}`;
}

function wordsOf(event: WatchEvent, paint: Paint): string {
  switch (event.event) {
    case "following":
      return `follows ${event.sources.map(printable).join(", ")}${event.metrics === null ? "" : `; metrics at ${event.metrics}`}`;
    case "epoch":
      return `epoch ${event.epoch} (${event.before === null ? "none before" : `before: ${event.before}`}, said by ${printable(event.from)})`;
    case "mode":
      return `${event.from} -> ${event.to}`;
    case "upgrade":
      return upgradeWords(event);
    case "proof":
      return event.flaws.length === 0
        ? `proven: ${event.engine}@${event.version}`
        : `${paint.bad("not proven")}: ${event.engine}@${event.version}: ${printable(event.flaws.join(" "))}`;
    case "alarm":
      return event.status === "cleared"
        ? `${paint.good("alarm over")} ${printable(event.alarm)}`
        : `${paint.bad("alarm")} ${printable(event.alarm)}${leftWords(event)}: ${printable(event.message)} ${printable(event.mend)}`;
    case "failure":
      return `${paint.alarm("failed")} ${event.place} (${event.code}): ${printable(event.message)}`;
    case "warning":
      return `${paint.alarm("warning")} ${event.code}: ${printable(event.message)}`;
    case "note":
      return printable(event.message);
    case "ending":
      return `ends: ${printable(event.why)}`;
  }
}

function upgradeWords({ generation, installed, failed, held }: WatchEvent & { readonly event: "upgrade" }): string {
  const parts = [
    installed.length === 0 ? "" : `installed ${namesOf(installed)}`,
    failed.length === 0 ? "" : `failed: ${namesOf(failed)}`,
    held === undefined ? "" : printable(held),
  ].filter((part) => part !== "");
  return `generation ${generation}${parts.length === 0 ? "" : `: ${parts.join("; ")}`}`;
}

function leftWords({ epochsLeft, secondsLeft }: WatchEvent & { readonly event: "alarm" }): string {
  if (epochsLeft === undefined || epochsLeft === 0) return "";
  const time = secondsLeft === undefined ? "" : `, some ${secondsLeft} s`;
  return ` (${epochsLeft} ${epochsLeft === 1 ? "epoch" : "epochs"} left${time})`;
}

function namesOf(releases: readonly ReleaseName[]): string {
  return releases.map(({ engine, version }) => `${engine}@${version ?? ""}`).join(", ");
}
