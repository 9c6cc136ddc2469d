import { EngineryError } from "../../core/errors.ts";
import type { ObserveResult } from "../../ops/operator.ts";
import { type Call, changeRequest, flagValue, operatorOf, requireConsent, word } from "../call.ts";
import { MAX_STEP, QUORUM, SOURCE, SOURCE_TIMEOUT, sourcesRequest } from "./epoch-flags.ts";
import { FORCE } from "./shared-flags.ts";
import { epoch } from "./values.ts";
import type { Verb } from "./verb.ts";

export const OBSERVE: Verb = {
  words: ["observe"],
  group: "Home",
  summary: "Record the network's epoch; one lower than before is refused unless forced.",
  details: [
    "Without EPOCH the epoch sources are asked once, all at the same time: the epoch is the greatest that a quorum of them say or exceed.",
    "An endpoint that fails, lags or runs ahead alone changes nothing. Where no endpoint tells an epoch it exits 7, where too few do 8, and nothing is recorded.",
  ],
  changes: true,
  arguments: [{ name: "EPOCH", optional: true, doc: "A whole number from 0. Default: what the epoch sources say." }],
  flags: [SOURCE, QUORUM, SOURCE_TIMEOUT, MAX_STEP, FORCE],
  examples: [
    { line: "enginery observe 1200", doc: "From now on epoch 1200 is the present one." },
    {
      line: "enginery observe --source cometbft:http://127.0.0.1:26657",
      doc: "The height of one's own node, from a timer.",
    },
    { line: "enginery observe", doc: "What a quorum of the epochSources in config.json say." },
  ],
  json: "{epoch, before, changed, from, sources:[{name,epoch,detail}|{name,problem,late?}]}",
  run: async (call) => {
    const force = flagValue(call, FORCE);
    const what = saidEpoch(call) ?? sourcesRequest(call);
    if (force !== undefined) requireConsent(call, "`observe --force`");
    const operator = await operatorOf(call);
    const maxStep = flagValue(call, MAX_STEP);
    const result = await operator.observe({ ...changeRequest(call), ...what, maxStep, force });
    return { document: result, text: () => sentenceOf(result) };
  },
};

/** Errors: `usage` where the command line says the epoch and where to read it as well. */
function saidEpoch(call: Call): { readonly epoch: number } | undefined {
  if (call.words.length === 0) return undefined;
  const observed = epoch(word(call, 0));
  const flag = [SOURCE, QUORUM, SOURCE_TIMEOUT].find((each) => call.texts(each)?.fromCommandLine);
  if (flag === undefined) return { epoch: observed };
  throw new EngineryError("usage", `Epoch ${observed} is said, and with --${flag.name} where to read it as well.`, {
    hint: "Say the epoch, or where to read it.",
  });
}

function sentenceOf({ epoch: observed, before, from, sources }: ObserveResult): string {
  const said = sources === undefined ? "" : `, said by ${from}`;
  return `Epoch ${observed} (${before === null ? "none before" : `before: ${before}`}${said}).\n`;
}
