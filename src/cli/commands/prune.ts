import { EngineryError } from "../../core/errors.ts";
import type { PruneRequest } from "../../ops/operator.ts";
import { changeRequest, confirm, flagValue, isOn, operatorOf, personToConfirm, requireConsent, say } from "../call.ts";
import { pruneText } from "../render/upkeep.ts";
import { valueFlag } from "./flag.ts";
import { DRY_RUN } from "./global-flags.ts";
import { FORCE } from "./shared-flags.ts";
import { count, epoch, text } from "./values.ts";
import type { Verb } from "./verb.ts";

const KEEP_GENERATIONS = valueFlag(
  {
    name: "keep-generations",
    value: "N",
    config: "keepGenerations",
    doc: "Keep what the newest N generations name, the newest included.",
  },
  count,
);
const BEFORE = valueFlag(
  { name: "before", value: "EPOCH", doc: "Let go of what was in effect only before this epoch." },
  epoch,
);
const FORGET_LEASE = valueFlag(
  {
    name: "forget-lease",
    value: "ID",
    names: "lease",
    doc: "Drop a lease of another machine or pid namespace, known to be dead.",
  },
  text,
);

export const PRUNE: Verb = {
  words: ["prune"],
  group: "Engines",
  summary: "Remove what nothing keeps, and say why each of the others stays.",
  details: [
    "Of what you keep and what the publisher needs kept the greater wins; the reasons say whose each is.",
    "--before goes below the publisher's need with --force REASON alone, which is recorded.",
    "Without a terminal it needs --yes. What it removes has to be downloaded again.",
  ],
  changes: true,
  arguments: [],
  flags: [KEEP_GENERATIONS, BEFORE, FORGET_LEASE, FORCE],
  examples: [{ line: "enginery prune --dry-run", doc: "What would go, what stays and why, with true bytes." }],
  json: "{generation, removed:[{engine,version,bytes}], kept:[{engine,version,bytes,keptBy:[{kind,...}]}], freedBytes, retiredGenerations}",
  run: async (call) => {
    const request: PruneRequest = {
      ...changeRequest(call),
      keepGenerations: flagValue(call, KEEP_GENERATIONS),
      before: flagValue(call, BEFORE),
      forgetLease: flagValue(call, FORGET_LEASE),
      force: flagValue(call, FORCE),
    };
    if (request.force !== undefined && request.before === undefined) {
      throw new EngineryError("usage", "--force is for --before alone: nothing else goes below the publisher's need.");
    }
    requireConsent(call, "`prune`");
    const operator = await operatorOf(call);
    if (!request.dryRun && (await personToConfirm(call)) !== undefined) {
      const plan = await operator.prune({ ...request, dryRun: true });
      say(call, pruneText(plan, true, call.talkPaint));
      if (plan.removed.length + plan.retiredGenerations.length > 0)
        await confirm(call, "Remove these for good?", false);
    }
    const result = await operator.prune(request);
    return { document: result, text: (paint) => pruneText(result, isOn(call, DRY_RUN), paint) };
  },
};
