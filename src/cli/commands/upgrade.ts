import type { UpgradeRequest } from "../../ops/operator.ts";
import { type Call, confirm, flagValue, isOn, networkRequest, operatorOf, personToConfirm, say } from "../call.ts";
import { doneText, planText } from "../render/plan.ts";
import { checkText } from "../render/upkeep.ts";
import { statusOfFailed } from "./failed-status.ts";
import { switchFlag } from "./flag.ts";
import { DRY_RUN } from "./global-flags.ts";
import { planAnswer } from "./install.ts";
import { ACCEPT_LATE, ALLOW_EXPIRED, NO_DELTAS } from "./shared-flags.ts";
import { releaseName } from "./values.ts";
import type { Argument, Verb } from "./verb.ts";

const NO_PRUNE = switchFlag({ name: "no-prune", doc: "Keep what nothing keeps any more." });
const STAGE_ONLY = switchFlag({ name: "stage-only", doc: "Fetch, verify and probe; commit nothing." });
const AGAIN = switchFlag({ name: "again", doc: "Go on though a rollback has it hold still." });

const AUTOMATIC = switchFlag({
  name: "automatic",
  doc: "Say that a timer or a program asks: an operator's `hold` stops it then.",
});

const ENGINES: Argument = {
  name: "ENGINE",
  optional: true,
  repeats: true,
  names: "offered-engine",
  doc: "Only these. Default: every engine that is installed.",
};

export const UPGRADE: Verb = {
  words: ["upgrade"],
  group: "Engines",
  summary: "Refresh trust, accept the new manifest, stage and probe what is new, commit; then prune.",
  details: ["Where nothing is new it changes nothing, fetches no archive and exits 0."],
  changes: true,
  arguments: [ENGINES],
  flags: [AUTOMATIC, STAGE_ONLY, NO_PRUNE, AGAIN, NO_DELTAS, ACCEPT_LATE, ALLOW_EXPIRED],
  examples: [
    { line: "enginery upgrade --dry-run", doc: "What it would do, with true numbers." },
    { line: "enginery upgrade --automatic --yes", doc: "From a timer: does nothing while a `hold` stands." },
  ],
  json: "as install, and {from, to, manifest:{serial,sha256}, pruned:[...], pinned:[{engine,version,change,tenants,count}]}",
  run: async (call) => {
    const operator = await operatorOf(call);
    const request = requestOf(call);
    if (isOn(call, DRY_RUN)) return planAnswer(await operator.upgrade(request));
    if ((await personToConfirm(call)) !== undefined) {
      const plan = await operator.plan(request);
      if (plan.changed) {
        say(call, planText(plan, call.talkPaint));
        await confirm(call, "Go on?");
      }
    }
    const result = await operator.upgrade(request);
    return { document: result, text: (paint) => doneText(result, paint), status: statusOfFailed(result.failed) };
  },
};

export const CHECK: Verb = {
  words: ["check"],
  group: "Engines",
  summary: "Ask the repository what `upgrade` would do, and change nothing; exits 10 where there are updates.",
  arguments: [ENGINES],
  flags: [NO_DELTAS, ALLOW_EXPIRED],
  examples: [{ line: "enginery check --json", doc: "For a monitor: exit 0 nothing new, 10 updates." }],
  json: "{updates:[{engine,version,validFrom,bytes,way,from,downloadBytes}], downloadBytes, diskBytes, manifest:{serial,sha256}, pinned:[...]}",
  run: async (call) => {
    const operator = await operatorOf(call);
    const result = await operator.check({ ...networkRequest(call), names: call.words.map(releaseName) });
    return {
      document: result,
      text: (paint) => checkText(result, paint),
      status: result.updates.length > 0 ? 10 : 0,
    };
  },
};

function requestOf(call: Call): UpgradeRequest {
  return {
    ...networkRequest(call),
    names: call.words.map(releaseName),
    stageOnly: isOn(call, STAGE_ONLY),
    again: isOn(call, AGAIN),
    prune: !isOn(call, NO_PRUNE),
    acceptLate: flagValue(call, ACCEPT_LATE),
    ...(isOn(call, AUTOMATIC) ? { automatic: true } : {}),
  };
}
