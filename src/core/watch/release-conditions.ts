import type { Epoch, Version } from "../model/manifest.ts";
import type { Condition } from "./alarms.ts";
import type { AlarmKind } from "./kinds.ts";
import { type Pace, secondsUntil } from "./pace.ts";

/** A release in effect, or the next one of its engine. */
export interface ReleaseFacts {
  readonly engine: string;
  readonly version: Version;
  readonly role: "in-effect" | "next";
  readonly validFrom: Epoch;
  /** Here as the manifest promises it. */
  readonly installed: boolean;
  /** An upgrade has tried since it was first missed, or none will. */
  readonly tried: boolean;
  /** Why an upgrade did not lay it out. */
  readonly failure?: string;
  readonly withdrawn?: string;
  /** What the last proof found; empty where it was proven or not yet tried. */
  readonly flaws: readonly ReleaseFlaw[];
}

export interface ReleaseFlaw {
  readonly what: "damaged" | "not-provable";
  readonly message: string;
  readonly mend: string;
}

interface Beside {
  readonly epoch: Epoch | undefined;
  readonly unit: string;
  readonly lead: number;
  readonly pace: Pace | undefined;
}

/** What is wrong with one release. One that is to come is nobody's worry before the lead, but where it was withdrawn. */
export function releaseConditions(release: ReleaseFacts, beside: Beside): readonly Condition[] {
  const { engine, version, role, validFrom } = release;
  if (beside.epoch === undefined) return [];
  const left = Math.max(0, validFrom - beside.epoch);
  const about = role === "next" ? { engine, version, ...countdown(left, beside) } : { engine, version, epochsLeft: 0 };
  const isDue = role === "in-effect" || left <= beside.lead;
  const name = `${engine}@${version}`;
  const when = role === "in-effect" ? `in effect since ${validFrom}` : `in effect from ${beside.unit} ${validFrom} on`;
  const told: Condition[] = [];
  if (release.withdrawn !== undefined) {
    const message = `${name}, ${when}, was withdrawn by the publisher: ${release.withdrawn}`;
    const mend = "It still runs; ask the publisher what takes its place.";
    told.push({ kind: `${role}-withdrawn`, ...about, message, mend });
  }
  if (!isDue) return told;
  if (!release.installed && release.tried) {
    const because = release.failure === undefined ? "." : `: ${release.failure}`;
    const message = `${name}, ${when}, is not installed here${because}`;
    told.push({ kind: `${role}-not-installed`, ...about, message, mend: `enginery install ${name}` });
  }
  if (release.installed) told.push(...flawConditions(release, { about, when, name }));
  return told;
}

/** One a kind, the first that was found. */
function flawConditions(
  { role, flaws }: ReleaseFacts,
  { about, when, name }: { readonly about: object; readonly when: string; readonly name: string },
): readonly Condition[] {
  return (["damaged", "not-provable"] as const).flatMap((what): readonly Condition[] => {
    const flaw = flaws.find((one) => one.what === what);
    const kind: AlarmKind = `${role}-${what}`;
    if (flaw === undefined) return [];
    return [{ kind, ...about, message: `${name}, ${when}: ${flaw.message}`, mend: flaw.mend }];
  });
}

function countdown(epochsLeft: number, { pace }: Beside): Pick<Condition, "epochsLeft" | "secondsLeft"> {
  const secondsLeft = secondsUntil(pace, epochsLeft);
  return { epochsLeft, ...(secondsLeft === undefined ? {} : { secondsLeft }) };
}
