import { flagValue, homeRequest, isOn, operatorOf } from "../call.ts";
import { readyText } from "../render/ready.ts";
import { valueFlag } from "./flag.ts";
import { QUICK } from "./shared-flags.ts";
import { count, releaseName } from "./values.ts";
import type { Verb } from "./verb.ts";

const WITHIN = valueFlag(
  {
    name: "within",
    value: "N",
    doc: "Only releases that begin at most N epochs ahead. Default: all that are scheduled.",
  },
  count,
);
const TRUST_DAYS = valueFlag(
  {
    name: "trust-days",
    value: "N",
    doc: "Signed metadata must hold for N more days. Default: 7 for root and targets, 1 for snapshot and timestamp.",
  },
  count,
);

export const READY: Verb = {
  words: ["ready"],
  group: "Answers",
  summary: "Prove that every release that work may ask for would run on this host; exits 10 where one would not.",
  details: [
    "Every release that is in effect, pending, pinned, selected or in the retention window: there, its hashes true, fit for this host, its entry points started. Then once: the epoch, the disk, the signed metadata.",
    "Changes nothing and fetches nothing. Each check that fails names the command that mends it.",
  ],
  arguments: [
    { name: "ENGINE[@VERSION]", optional: true, repeats: true, names: "release", doc: "Only these. Default: all." },
  ],
  flags: [WITHIN, QUICK, TRUST_DAYS],
  examples: [
    { line: "enginery ready", doc: "Everything." },
    { line: "enginery ready --within 3 --json", doc: "For a monitor: exit 0 ready for the next three epochs, 10 not." },
  ],
  json: "{ready, unit, epoch, items:[{engine,version,why,validFrom,epochsLeft,pins,ok,checks:[{name,ok,detail,mend}]}], home:[{name,ok,detail,mend}]}",
  run: async (call) => {
    const operator = await operatorOf(call);
    const result = await operator.ready({
      ...homeRequest(call),
      names: call.words.map(releaseName),
      within: flagValue(call, WITHIN),
      quick: isOn(call, QUICK),
      trustDays: flagValue(call, TRUST_DAYS),
    });
    return { document: result, text: (paint) => readyText(result, paint), status: result.ready ? 0 : 10 };
  },
};
