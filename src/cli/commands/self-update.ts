import type { SelfUpdateRequest } from "../../ops/operator.ts";
import { confirm, flagValue, isOn, networkRequest, operatorOf, personToConfirm, say } from "../call.ts";
import { receiptFile } from "../receipt-file.ts";
import { selfUpdateText } from "../render/self-update.ts";
import { switchFlag, valueFlag } from "./flag.ts";
import { DRY_RUN } from "./global-flags.ts";
import { RECEIPT } from "./self-flags.ts";
import { ALLOW_EXPIRED, NO_DELTAS } from "./shared-flags.ts";
import { exactVersion } from "./values.ts";
import type { Verb } from "./verb.ts";

const CHECK = switchFlag({
  name: "check",
  env: "ENGINERY_SELF_CHECK",
  doc: "Look only, and exit 10 where there is a later release.",
});
const ROLLBACK = switchFlag({ name: "rollback", env: "ENGINERY_SELF_ROLLBACK", doc: "Back to the release before." });
const AGAIN = switchFlag({
  name: "again",
  env: "ENGINERY_SELF_AGAIN",
  doc: "Go on though a rollback has it hold still.",
});
const TO = valueFlag(
  { name: "to", value: "VERSION", env: "ENGINERY_SELF_TO", doc: "This release and no other, older or not." },
  exactVersion,
);
/** How `check` says that there are updates. */
const UPDATES = 10;

export const SELF_UPDATE: Verb = {
  words: ["self-update"],
  group: "Enginery",
  summary: "Take the highest release of Enginery itself, trusted and proved as every engine is.",
  details: [
    "For the single file that install.sh placed; what npm or a distribution installed is updated by them, and it says so.",
    "One rename has the command lead to the new release; killed before it, the old one is there.",
  ],
  changes: true,
  arguments: [],
  flags: [CHECK, ROLLBACK, TO, AGAIN, RECEIPT, NO_DELTAS, ALLOW_EXPIRED],
  examples: [
    { line: "enginery self-update --check", doc: "For a monitor: exit 0 nothing later, 10 there is." },
    { line: "enginery self-update --rollback", doc: "The one before; it stays until there is something later." },
  ],
  json: "{from, to, offered, path, changed, downloadedBytes, held?}",
  run: async (call) => {
    const { home: _, ...network } = networkRequest(call);
    const check = isOn(call, CHECK);
    const request: SelfUpdateRequest = {
      ...network,
      receipt: receiptFile(call),
      check,
      rollback: isOn(call, ROLLBACK),
      again: isOn(call, AGAIN),
      to: flagValue(call, TO),
    };
    const operator = await operatorOf(call);
    if (!request.dryRun && !check && (await personToConfirm(call)) !== undefined) {
      const plan = await operator.selfUpdate({ ...request, dryRun: true });
      say(call, selfUpdateText(plan, true, call.talkPaint));
      if (plan.changed) await confirm(call, "Go on?");
    }
    const result = await operator.selfUpdate(request);
    const isOnlyPlanned = check || isOn(call, DRY_RUN);
    return {
      document: result,
      text: (paint) => selfUpdateText(result, isOnlyPlanned, paint),
      status: check && result.changed ? UPDATES : 0,
    };
  },
};
