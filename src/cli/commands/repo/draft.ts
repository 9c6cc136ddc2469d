import { EngineryError } from "../../../core/errors.ts";
import type { DraftResult } from "../../../ops/publisher.ts";
import { type Call, flagValue, isOn, publisherOf, word } from "../../call.ts";
import { draftText } from "../../render/publishing.ts";
import { valueFlag } from "../flag.ts";
import { DRY_RUN } from "../global-flags.ts";
import { PRESENT_EPOCH } from "../shared-flags.ts";
import { engineName, epoch, limit, oneOf, text } from "../values.ts";
import type { Answer, Verb } from "../verb.ts";
import { channelRequest, DIR, RELEASE, REPO_CHANNEL, releaseRequest } from "./shared.ts";

const VALID_FROM = valueFlag(
  { name: "valid-from", value: "EPOCH", doc: "The first epoch that it is in effect for." },
  epoch,
);
const MAX_FUTURE = valueFlag(
  { name: "max-future", value: "N", doc: "Most deployments that may lie ahead; none: no limit." },
  limit,
);
const MAX_DEPLOYMENTS = valueFlag(
  { name: "max-deployments", value: "N", doc: "Most deployments at all; none: no limit." },
  limit,
);
const ALTER_PENDING = valueFlag(
  {
    name: "alter-pending",
    value: "HOW",
    choices: ["allow", "deny"],
    doc: "Whether a deployment that lies ahead may still be altered or removed.",
  },
  oneOf(["allow", "deny"]),
);

const KEEP_EPOCHS = valueFlag(
  {
    name: "keep-epochs",
    // the variable without RULES is an operator's
    env: "ENGINERY_RULES_KEEP_EPOCHS",
    value: "N",
    doc: "Work may be replayed or disputed N epochs back: operators keep what was in effect then. none: not said.",
  },
  limit,
);
const KEEP_SUPERSEDED = valueFlag(
  {
    name: "keep-superseded",
    env: "ENGINERY_RULES_KEEP_SUPERSEDED",
    value: "N",
    doc: "Operators keep N superseded releases below the one in effect. none: not said.",
  },
  limit,
);

const JSON_MEMBERS = "{channel, serial, changed}";
const NOT_YET = "Nothing of it is visible before `repo sign`.";

export const REPO_DEPLOY: Verb = {
  words: ["repo", "deploy"],
  group: "Publishing",
  summary: "Schedule a release: in effect from an epoch on.",
  details: [NOT_YET],
  changes: true,
  arguments: [DIR, RELEASE],
  flags: [VALID_FROM, PRESENT_EPOCH, REPO_CHANNEL],
  examples: [
    { line: "enginery repo deploy repo xsnap@0.15.0 --valid-from 2000 --epoch 1200", doc: "From epoch 2000 on." },
  ],
  json: JSON_MEMBERS,
  run: async (call) => {
    const validFrom = flagValue(call, VALID_FROM);
    if (validFrom === undefined) throw new EngineryError("usage", "--valid-from EPOCH is missing.");
    const publisher = await publisherOf(call);
    return draftAnswer(call, await publisher.deploy({ ...releaseRequest(call), validFrom }));
  },
};

export const REPO_RETIRE: Verb = {
  words: ["repo", "retire"],
  group: "Publishing",
  summary:
    "Take a deployment off the schedule: the oldest superseded one, or one that lies ahead where the rules allow.",
  details: [NOT_YET],
  changes: true,
  arguments: [DIR, RELEASE],
  flags: [PRESENT_EPOCH, REPO_CHANNEL],
  examples: [{ line: "enginery repo retire repo xsnap@0.14.0 --epoch 1200", doc: "Oldest first." }],
  json: JSON_MEMBERS,
  run: async (call) => {
    const publisher = await publisherOf(call);
    return draftAnswer(call, await publisher.retire(releaseRequest(call)));
  },
};

export const REPO_WITHDRAW: Verb = {
  words: ["repo", "withdraw"],
  group: "Publishing",
  summary: "The stop button: never newly staged, alarmed where in effect; it still runs where it runs.",
  details: [NOT_YET],
  changes: true,
  arguments: [DIR, RELEASE, { name: "REASON", doc: "What operators are told." }],
  flags: [PRESENT_EPOCH, REPO_CHANNEL],
  examples: [
    { line: 'enginery repo withdraw repo xsnap@0.15.0 "corrupts snapshots"', doc: "With what operators are told." },
  ],
  json: JSON_MEMBERS,
  run: async (call) => {
    const reason = text(word(call, 2), "REASON");
    const publisher = await publisherOf(call);
    return draftAnswer(call, await publisher.withdraw({ ...releaseRequest(call), reason }));
  },
};

export const REPO_RULES: Verb = {
  words: ["repo", "rules"],
  group: "Publishing",
  summary: "Set an engine's schedule rules, and how much history operators need.",
  details: ["Of your need and an operator's own the greater one wins.", NOT_YET],
  changes: true,
  arguments: [DIR, { name: "ENGINE", doc: "The engine." }],
  flags: [MAX_FUTURE, MAX_DEPLOYMENTS, ALTER_PENDING, KEEP_EPOCHS, KEEP_SUPERSEDED, PRESENT_EPOCH, REPO_CHANNEL],
  examples: [
    { line: "enginery repo rules repo xsnap --max-deployments 2", doc: "Two versions at any time." },
    { line: "enginery repo rules repo xsnap --keep-epochs 21", doc: "A dispute may reach 21 epochs back." },
  ],
  json: JSON_MEMBERS,
  run: async (call) => {
    const publisher = await publisherOf(call);
    const result = await publisher.rules({
      ...channelRequest(call),
      engine: engineName(word(call, 1)),
      maxFuture: flagValue(call, MAX_FUTURE),
      maxDeployments: flagValue(call, MAX_DEPLOYMENTS),
      alterPending: flagValue(call, ALTER_PENDING),
      keepEpochs: flagValue(call, KEEP_EPOCHS),
      keepSuperseded: flagValue(call, KEEP_SUPERSEDED),
      epoch: flagValue(call, PRESENT_EPOCH),
    });
    return draftAnswer(call, result);
  },
};

function draftAnswer(call: Call, result: DraftResult): Answer {
  return { document: result, text: () => draftText(result, isOn(call, DRY_RUN)) };
}
