import type { WhichRequest } from "../../ops/operator.ts";
import { type Call, flagValue, homeRequest, isOn, operatorOf, word } from "../call.ts";
import { printable } from "../render/paint.ts";
import { switchFlag } from "./flag.ts";
import { ENTRY, EPOCH, TENANT } from "./shared-flags.ts";
import { releaseName } from "./values.ts";
import type { Argument, Verb } from "./verb.ts";

const WHY = switchFlag({ name: "why", doc: "Explain the answer, a sentence a step." });

const RELEASE: Argument = {
  name: "ENGINE[@VERSION]",
  names: "release",
  doc: "The engine; with a version: that release, unless the tenant is pinned to another.",
};

export const WHICH: Verb = {
  words: ["which"],
  group: "Answers",
  summary: "The exact file that is in effect, or an error: never a fallback.",
  details: [
    "Prints the path alone. Pins go before the schedule, the schedule before `use`. Exits 8 where nothing is in effect.",
  ],
  arguments: [RELEASE],
  flags: [EPOCH, TENANT, ENTRY, WHY],
  examples: [
    { line: "enginery which wasmtime --epoch 1200", doc: "The file for work of epoch 1200." },
    { line: "enginery which xsnap --tenant v42 --why", doc: "And why it is this one." },
  ],
  json: '{engine,version,tree,path,entry,epoch,because:"pin"|"schedule"|"explicit"|"selected",guard?:{files,inputs:[{after,offset,bytes}]},why}',
  run: async (call) => {
    const operator = await operatorOf(call);
    const result = await operator.which(requestOf(call));
    const why = isOn(call, WHY) ? result.why.map((step) => `${printable(step)}\n`).join("") : "";
    return { document: result, text: () => `${result.path}\n${why}` };
  },
};

export const EXEC: Verb = {
  words: ["exec"],
  group: "Answers",
  summary: "Run the engine that is in effect, holding a lease on its installation.",
  details: [
    "Replaces the process where the operating system can, and passes the engine's own exit status on.",
    "Failures of Enginery's own exit 120 plus their code (nothing in effect: 128), and the line `enginery: error CODE` on stderr is the only proof that a failure is ours.",
  ],
  arguments: [RELEASE, { name: "ARGS", optional: true, repeats: true, doc: "The engine's own, after --." }],
  flags: [EPOCH, TENANT, ENTRY],
  examples: [
    { line: "enginery exec wasmtime --epoch 1200 -- run module.wasm", doc: "Replay with the engine of that epoch." },
  ],
  run: async (call) => {
    const operator = await operatorOf(call);
    const env = Object.fromEntries(
      Object.entries(call.outside.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    const status = await operator.exec({ ...requestOf(call), args: call.words.slice(1), env });
    return { document: undefined, text: () => "", status, silent: true };
  },
};

function requestOf(call: Call): WhichRequest {
  return {
    ...homeRequest(call),
    ...releaseName(word(call, 0)),
    epoch: flagValue(call, EPOCH),
    tenant: flagValue(call, TENANT),
    entry: flagValue(call, ENTRY),
  };
}
