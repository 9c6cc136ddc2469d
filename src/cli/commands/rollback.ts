import type { RollbackRequest } from "../../ops/operator.ts";
import { changeRequest, confirm, flagValue, isOn, operatorOf, personToConfirm, requireConsent, say } from "../call.ts";
import { rollbackText } from "../render/upkeep.ts";
import { valueFlag } from "./flag.ts";
import { DRY_RUN } from "./global-flags.ts";
import { FORCE } from "./shared-flags.ts";
import { count, text } from "./values.ts";
import type { Verb } from "./verb.ts";

const TO = valueFlag(
  { name: "to", value: "N", names: "generation", doc: "The generation to restate; default: the one before." },
  count,
);
const MARK_BAD = valueFlag(
  { name: "mark-bad", value: "REASON", doc: "Quarantine what is left behind, so that nothing installs it again here." },
  text,
);

export const ROLLBACK: Verb = {
  words: ["rollback"],
  group: "Engines",
  summary: "Commit a new generation that restates an older one's installations and selections, never its schedule.",
  details: [
    "Downloads nothing. Refuses where an epoch that has begun would lose its engine, unless --force REASON.",
    "`upgrade` then holds still until the channel has something newer, or --again.",
  ],
  changes: true,
  arguments: [],
  flags: [TO, MARK_BAD, FORCE],
  examples: [
    { line: "enginery rollback", doc: "To the generation before." },
    {
      line: 'enginery rollback --to 7 --mark-bad "traps at start"',
      doc: "To an older one, and never that release again.",
    },
  ],
  json: "{generation, restores, downloadedBytes:0, lost:[{engine,version}], selections:[{engine,before,after}]}",
  run: async (call) => {
    const request: RollbackRequest = {
      ...changeRequest(call),
      to: flagValue(call, TO),
      markBad: flagValue(call, MARK_BAD),
      force: flagValue(call, FORCE),
    };
    if (request.force !== undefined) requireConsent(call, "`rollback --force`");
    const operator = await operatorOf(call);
    if (!request.dryRun && (await personToConfirm(call)) !== undefined) {
      const plan = await operator.rollback({ ...request, dryRun: true });
      say(call, rollbackText(plan, true, call.talkPaint));
      await confirm(call, "Go on?");
    }
    const result = await operator.rollback(request);
    return { document: result, text: (paint) => rollbackText(result, isOn(call, DRY_RUN), paint) };
  },
};
