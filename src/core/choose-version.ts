import { EngineryError } from "./errors.ts";
import type { Engine, Epoch, Version } from "./model/manifest.ts";
import type { Resolution } from "./model/resolution.ts";
import { quote } from "./quote.ts";
import type { Question } from "./resolve.ts";
import { alwaysInEffect, inEffect, nextAfter } from "./schedule.ts";
import { unknownEngine } from "./unknown-engine.ts";

export type Choice = Pick<Resolution, "version" | "epoch" | "because">;

/** The version, installed or not: explicit, pin, schedule, selection, in this order. Errors: see `resolve`. */
export function choose(question: Question): Choice {
  const { engine, pin, version } = question;
  const scheduled = engineOf(question);
  if (version !== undefined) return chooseExplicit(question, version);
  if (pin !== undefined) return { version: pin.version, epoch: null, because: "pin" };
  if (scheduled === undefined || scheduled.deployments.length === 0) return chooseSelected(question);
  const always = alwaysInEffect(scheduled.deployments);
  if (always !== undefined) return { version: always.version, epoch: question.epoch ?? null, because: "schedule" };
  if (question.epoch === undefined) {
    throw new EngineryError("epoch-unknown", `Which ${engine} is in effect depends on the epoch, and it is unknown.`, {
      context: { engine },
    });
  }
  return chooseScheduled(question, scheduled, question.epoch);
}

/** Undefined where the engine has left the channel and is installed or pinned still. */
function engineOf({ engine, manifest, generation, pin }: Question): Engine | undefined {
  if (Object.hasOwn(manifest.engines, engine)) return manifest.engines[engine];
  if (pin !== undefined || generation.installations.some((one) => one.engine === engine)) return undefined;
  throw unknownEngine(manifest, engine);
}

function chooseExplicit(question: Question, version: Version): Choice {
  const { engine, manifest, generation, pin, tenant } = question;
  if (pin !== undefined && pin.version !== version) {
    const who = tenant ?? pin.tenant;
    throw new EngineryError("pin-mismatch", `${quote(who)} is pinned to ${engine}@${pin.version}, not @${version}.`, {
      context: { engine, version, pinned: pin.version, tenant: who },
    });
  }
  const engineHere = Object.hasOwn(manifest.engines, engine) ? manifest.engines[engine] : undefined;
  const isKnown =
    (engineHere !== undefined && Object.hasOwn(engineHere.releases, version)) ||
    generation.installations.some((one) => one.engine === engine && one.version === version) ||
    pin?.version === version;
  if (isKnown) return { version, epoch: null, because: "explicit" };
  throw new EngineryError("unknown-version", `There is no release ${engine}@${version}.`, {
    hint: `See \`enginery schedule ${engine}\` for the versions.`,
    context: { engine, version },
  });
}

function chooseScheduled({ engine, manifest }: Question, { deployments }: Engine, epoch: Epoch): Choice {
  const found = inEffect(deployments, epoch);
  if (found !== undefined) return { version: found.version, epoch, because: "schedule" };
  const first = nextAfter(deployments, epoch);
  throw new EngineryError("nothing-in-effect", `No ${engine} is in effect at ${manifest.unit} ${epoch}.`, {
    hint: `The first in the schedule is ${first?.version}, from ${first?.validFrom}.`,
    context: { engine, epoch, first: first ?? null },
  });
}

function chooseSelected({ engine, generation }: Question): Choice {
  const { selections } = generation;
  const version = Object.hasOwn(selections, engine) ? selections[engine] : undefined;
  if (version !== undefined) return { version, epoch: null, because: "selected" };
  throw new EngineryError("nothing-in-effect", `${engine} has no schedule, and no version of it is selected.`, {
    hint: `Select one: \`enginery use ${engine}@VERSION\`.`,
    context: { engine },
  });
}

/** What was asked of each source of an answer, in order, up to the one that answered. */
export function explainChoice(question: Question): string[] {
  const { engine, manifest, pin, tenant, version, epoch } = question;
  if (version !== undefined) return [`The version ${version} was asked for.`];
  const steps = [tenant === undefined ? "No tenant was named, so no pin counts." : explainPin(tenant, question)];
  if (pin !== undefined) return steps;
  const deployments = Object.hasOwn(manifest.engines, engine) ? (manifest.engines[engine]?.deployments ?? []) : [];
  if (deployments.length === 0)
    return [...steps, `${engine} has no schedule, so what was selected with \`use\` counts.`];
  const found = epoch === undefined ? undefined : inEffect(deployments, epoch);
  if (epoch === undefined || found === undefined) return steps;
  const next = nextAfter(deployments, epoch);
  const until = next === undefined ? "no later one is scheduled" : `${next.version} follows at ${next.validFrom}`;
  return [
    ...steps,
    `Manifest ${manifest.serial} of ${manifest.channel} deploys ${found.version} from ${manifest.unit} ${found.validFrom}; ${until}.`,
    `So ${found.version} is in effect at ${epoch}.`,
  ];
}

function explainPin(tenant: string, { engine, pin }: Question): string {
  return pin === undefined
    ? `The tenant ${quote(tenant)} has no pin for ${engine}.`
    : `The tenant ${quote(tenant)} is pinned to ${engine}@${pin.version}, tree ${pin.tree}.`;
}
