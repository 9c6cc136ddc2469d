import { EngineryError } from "../../core/errors.ts";
import { type Call, flagValue, homeRequest, isOn, operatorOf } from "../call.ts";
import { historyText } from "../render/history.ts";
import { counted } from "../render/units.ts";
import { type Flag, valueFlag } from "./flag.ts";
import { JSON_DOCUMENT } from "./global-flags.ts";
import { engineName, epoch, text } from "./values.ts";
import type { Answer, Verb } from "./verb.ts";

const ENGINE = valueFlag(
  { name: "engine", value: "ENGINE", names: "engine", doc: "Only what tells of this engine." },
  engineName,
);
const AT_EPOCH = valueFlag({ name: "epoch", value: "N", doc: "What was in effect and what ran at this epoch." }, epoch);
const SINCE = valueFlag(
  { name: "since", value: "WHEN", doc: "Nothing older: 24h, 7d, 2031-01-01, 2031-01-01T12:00:00Z." },
  text,
);
const EXPORT = valueFlag(
  { name: "export", value: "FILE|-", doc: "Write the whole ledger, byte for byte, to a new file or to stdout." },
  text,
);

export const HISTORY: Verb = {
  words: ["history"],
  group: "Answers",
  summary: "What was installed, in effect and run, when and by which hash: generations, work, ledger.",
  details: [
    "Work is what `exec`, hosts and launchers ran, each with the tree it ran on.",
    "An exported ledger can be checked without Enginery: docs/operations/history.md says how, with sha256sum.",
  ],
  arguments: [],
  flags: [ENGINE, AT_EPOCH, SINCE, EXPORT],
  examples: [
    { line: "enginery history", doc: "Which numbers `rollback --to` takes." },
    { line: "enginery history --engine xsnap --epoch 1200", doc: "What ran at epoch 1200." },
    { line: "enginery history --export ledger.jsonl", doc: "For somebody else to check." },
  ],
  json: "{generations:[{number,cause,at,manifest,installations,releases,newest}], inEffect:[{engine,version,tree,validFrom,lastEpoch,installed}], work:[{at,engine,version,tree,epoch,tenant,because,by}], ledger:[...]}; with --export FILE: {lines, bytes, to}",
  run: async (call) => {
    const to = flagValue(call, EXPORT);
    if (to !== undefined) return await exported(call, to);
    const [engine, at] = [flagValue(call, ENGINE), flagValue(call, AT_EPOCH)];
    const operator = await operatorOf(call);
    const result = await operator.history({ ...homeRequest(call), engine, epoch: at, since: flagValue(call, SINCE) });
    const isAsked = engine !== undefined || at !== undefined;
    return { document: result, text: (paint) => historyText(result, isAsked, paint) };
  },
};

/** Errors: `usage` where a part alone is asked for: the chain would not hold; and where the document would share stdout with the ledger. */
async function exported(call: Call, to: string): Promise<Answer> {
  const part: Flag<unknown> | undefined = [ENGINE, AT_EPOCH, SINCE].find((flag) => call.texts(flag)?.fromCommandLine);
  if (part !== undefined)
    throw new EngineryError("usage", `--export writes the whole ledger, and --${part.name} asks for a part.`);
  const isStdout = to === "-";
  if (isStdout && isOn(call, JSON_DOCUMENT)) {
    throw new EngineryError("usage", "With --json stdout belongs to the document.", {
      hint: "Name a file: --export FILE",
    });
  }
  const operator = await operatorOf(call);
  const { content, ...told } = await operator.exportLedger({
    ...homeRequest(call),
    to: isStdout ? undefined : call.outside.absolutePath(to),
  });
  const ledger = content && new TextDecoder().decode(content);
  return {
    document: told,
    text: () => ledger ?? `Wrote ${counted(told.lines, "line")} of the ledger to ${told.to}.\n`,
  };
}
