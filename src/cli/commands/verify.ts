import { changeRequest, isOn, operatorOf } from "../call.ts";
import { verifyText } from "../render/upkeep.ts";
import { switchFlag } from "./flag.ts";
import { ALLOW_HTTP, DRY_RUN, OFFLINE } from "./global-flags.ts";
import { QUICK } from "./shared-flags.ts";
import { releaseName } from "./values.ts";
import type { Verb } from "./verb.ts";

const REPAIR = switchFlag({
  name: "repair",
  doc: "Mend what is damaged: from another installation, the cache or the network.",
});

export const VERIFY: Verb = {
  words: ["verify"],
  group: "Engines",
  summary: "Check signatures, the manifest and every file of every installation again; exits 5 where something is off.",
  details: [
    "Finds what is changed, missing, extra, or of a wrong mode, and names the file.",
    "Holds every line of the ledger against those before it.",
  ],
  changes: true,
  arguments: [
    { name: "ENGINE[@VERSION]", optional: true, repeats: true, names: "release", doc: "Only these. Default: all." },
  ],
  flags: [REPAIR, QUICK],
  examples: [
    { line: "enginery verify", doc: "Every byte." },
    { line: "enginery verify --repair", doc: "And mend what is damaged." },
  ],
  json: "{ok, checked:{files,bytes}, problems:[{engine,version,path,kind,detail}], repaired:[...], chain:{lines,from,sealed}}",
  run: async (call) => {
    const operator = await operatorOf(call);
    const result = await operator.verify({
      ...changeRequest(call),
      names: call.words.map(releaseName),
      repair: isOn(call, REPAIR),
      quick: isOn(call, QUICK),
      offline: isOn(call, OFFLINE),
      allowHttp: isOn(call, ALLOW_HTTP),
    });
    return {
      document: result,
      text: (paint) => verifyText(result, isOn(call, DRY_RUN), paint),
      status: result.ok ? 0 : 5,
    };
  },
};
