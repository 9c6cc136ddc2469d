import { EngineryError } from "../../core/errors.ts";
import { changeRequest, flagValue, isOn, operatorOf, word } from "../call.ts";
import { holdText } from "../render/hold.ts";
import { valueFlag } from "./flag.ts";
import { DRY_RUN } from "./global-flags.ts";
import { text } from "./values.ts";
import type { Verb } from "./verb.ts";

const MAX_REASON = 1000;
const UNTIL = valueFlag(
  {
    name: "until",
    value: "WHEN",
    doc: "As 24h, 7d, 2031-01-01, 2031-01-01T12:00:00Z or epoch:4711; left out: until `unhold`.",
  },
  text,
);

export const HOLD: Verb = {
  words: ["hold"],
  group: "Home",
  summary: "Stop automatic upgrades: those of `watch` and of `upgrade --automatic`.",
  details: [
    "Alarms and observations go on, and so does an `upgrade` that a person asks for. A new hold takes the place of the one before.",
  ],
  changes: true,
  arguments: [{ name: "REASON", optional: true, doc: "Kept with it, and shown by `status`." }],
  flags: [UNTIL],
  examples: [{ line: 'enginery hold --until 24h "moving the rack"', doc: "Nothing upgrades by itself for a day." }],
  json: "{hold:{at,until,untilEpoch,reason}|null, before, changed}",
  run: async (call) => {
    const reason = word(call, 0) || undefined;
    if (reason !== undefined && reason.length > MAX_REASON) {
      throw new EngineryError("usage", `REASON is longer than ${MAX_REASON} characters.`);
    }
    const operator = await operatorOf(call);
    const result = await operator.hold({ ...changeRequest(call), until: flagValue(call, UNTIL), reason });
    return { document: result, text: () => holdText(result, isOn(call, DRY_RUN)) };
  },
};

export const UNHOLD: Verb = {
  words: ["unhold"],
  group: "Home",
  summary: "Let automatic upgrades go on.",
  changes: true,
  arguments: [],
  flags: [],
  examples: [{ line: "enginery unhold", doc: "Ends what `hold` said." }],
  json: "{hold:null, before, changed}",
  run: async (call) => {
    const operator = await operatorOf(call);
    const result = await operator.unhold(changeRequest(call));
    return { document: result, text: () => holdText(result, isOn(call, DRY_RUN)) };
  },
};
