import { changeRequest, homeRequest, isOn, operatorOf, word } from "../call.ts";
import { quarantineText } from "../render/records.ts";
import { doctorText } from "../render/upkeep.ts";
import { switchFlag } from "./flag.ts";
import { DRY_RUN } from "./global-flags.ts";
import { exactRelease, sha256 } from "./values.ts";
import type { Verb } from "./verb.ts";

const FIX = switchFlag({ name: "fix", doc: "Mend what can be mended without losing anything." });

export const USE: Verb = {
  words: ["use"],
  group: "Engines",
  summary: "Select a release of an engine that has no schedule.",
  changes: true,
  arguments: [{ name: "ENGINE@VERSION", names: "release", doc: "The release; it must be installed." }],
  flags: [],
  examples: [{ line: "enginery use wasmtime@36.0.2", doc: "Where neither pin nor schedule says otherwise." }],
  json: "{generation}",
  run: async (call) => {
    const release = exactRelease(word(call, 0));
    const operator = await operatorOf(call);
    const result = await operator.use({ ...changeRequest(call), ...release });
    const would = isOn(call, DRY_RUN) ? " would" : "";
    return {
      document: result,
      text: () =>
        `Generation ${result.generation}${would} select${would ? "" : "s"} ${release.engine} ${release.version}.\n`,
    };
  },
};

export const DOCTOR: Verb = {
  words: ["doctor"],
  group: "Home",
  summary: "Look at the host and the home: permissions, disk, clock, proxy; exits 10 where something needs mending.",
  arguments: [],
  flags: [FIX],
  examples: [{ line: "enginery doctor --fix", doc: "And mend what can be mended." }],
  json: "{ok, findings:[{code,severity,message,mend,fixed}]}",
  run: async (call) => {
    const operator = await operatorOf(call);
    const result = await operator.doctor({ ...homeRequest(call), fix: isOn(call, FIX) });
    return { document: result, text: (paint) => doctorText(result, paint), status: result.ok ? 0 : 10 };
  },
};

export const QUARANTINE: Verb = {
  words: ["quarantine"],
  group: "Home",
  summary: "Releases known bad on this host, with the reason.",
  arguments: [],
  flags: [],
  examples: [{ line: "enginery quarantine", doc: "What is never installed here again." }],
  json: "{quarantined:[{tree,engine,version,reason,at}]}",
  run: async (call) => {
    const operator = await operatorOf(call);
    const result = await operator.quarantine({ ...homeRequest(call), dryRun: true });
    return { document: result, text: (paint) => quarantineText(result.quarantined, paint) };
  },
};

export const QUARANTINE_LIFT: Verb = {
  words: ["quarantine", "lift"],
  group: "Home",
  summary: "Take a release out of quarantine, to try it again.",
  changes: true,
  arguments: [{ name: "TREE", names: "quarantined", doc: "The tree digest that `quarantine` lists." }],
  flags: [],
  examples: [{ line: "enginery quarantine lift 9f86d081...", doc: "The next upgrade may try it again." }],
  json: "{quarantined:[{tree,engine,version,reason,at}]}",
  run: async (call) => {
    const lift = sha256(word(call, 0), "TREE");
    const operator = await operatorOf(call);
    const result = await operator.quarantine({ ...changeRequest(call), lift });
    return { document: result, text: (paint) => quarantineText(result.quarantined, paint) };
  },
};
