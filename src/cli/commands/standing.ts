import { homeRequest, operatorOf, word } from "../call.ts";
import { listText, statusText } from "../render/standing.ts";
import { engineName } from "./values.ts";
import type { Argument, Verb } from "./verb.ts";

export const ENGINE: Argument = {
  name: "ENGINE",
  optional: true,
  names: "engine",
  doc: "Only this one. Default: all.",
};

export const engineOf = (text: string) => (text === "" ? undefined : engineName(text));

export const LIST: Verb = {
  words: ["list"],
  group: "Answers",
  summary: "What is installed: versions, since which epoch, size and place.",
  arguments: [ENGINE],
  flags: [],
  examples: [{ line: "enginery list --json", doc: "With trees and entry points." }],
  json: '{generation, engines:[{engine,version,platform,tree,path,bytes,validFrom,state:"in-effect"|"pending"|"superseded"|"unscheduled",entries}]}',
  run: async (call) => {
    const operator = await operatorOf(call);
    const result = await operator.list({ ...homeRequest(call), engine: engineOf(word(call, 0)) });
    return { document: result, text: (paint) => listText(result, paint) };
  },
};

export const STATUS: Verb = {
  words: ["status"],
  group: "Answers",
  summary: "One screen: epoch, what is in effect, what comes next, disk, trust, problems.",
  arguments: [],
  flags: [],
  examples: [{ line: "enginery status", doc: "How things stand." }],
  json: "{home, generation, channel, repository, manifest, unit, epoch, observedAt, engines, disk, trust, held, problems}",
  run: async (call) => {
    const operator = await operatorOf(call);
    const result = await operator.status(homeRequest(call));
    return { document: result, text: (paint) => statusText(result, call.outside.now(), paint) };
  },
};
