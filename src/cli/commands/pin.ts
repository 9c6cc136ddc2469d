import { EngineryError } from "../../core/errors.ts";
import type { PinRequest } from "../../ops/operator.ts";
import { type Call, changeRequest, flagValue, homeRequest, isOn, operatorOf, requireConsent, word } from "../call.ts";
import { changedPinsText, pinsText } from "../render/records.ts";
import { valueFlag } from "./flag.ts";
import { DRY_RUN } from "./global-flags.ts";
import { parsePinFile } from "./pin-file.ts";
import { FORCE } from "./shared-flags.ts";
import { engineName, exactRelease, tenantName, text } from "./values.ts";
import type { Verb } from "./verb.ts";

const FROM_FILE = valueFlag(
  {
    name: "from-file",
    value: "FILE",
    kind: "file",
    doc: "Many at once: lines of TENANT ENGINE@VERSION, or the document of `pins --json`.",
  },
  text,
);

const ENGINE = valueFlag(
  // ENGINERY_ENGINE is what `exec` tells the engine that it starts
  {
    name: "engine",
    value: "ENGINE",
    env: "ENGINERY_PINS_ENGINE",
    names: "engine",
    doc: "Only the pins for this engine.",
  },
  engineName,
);

export const PIN: Verb = {
  words: ["pin"],
  group: "Engines",
  summary: "Have a tenant use exactly this release, whatever the schedule says.",
  details: [
    "A release that is not installed is refused, with what to do. To what the tenant has already, or to an older version than that, nothing",
    "changes, and it says so; --force REASON goes back.",
  ],
  changes: true,
  arguments: [
    {
      name: "TENANT",
      optional: true,
      names: "tenant",
      doc: "Who the work belongs to: cluster, vat, runtime, parachain.",
    },
    { name: "ENGINE@VERSION", optional: true, names: "release", doc: "The release." },
  ],
  flags: [FROM_FILE, FORCE],
  examples: [
    { line: "enginery pin v42 xsnap@0.14.3", doc: "One tenant." },
    { line: "enginery pin --from-file pins.txt", doc: "Many, in one step." },
  ],
  json: "{pins:[{tenant,engine,version,tree}], changed, stays:[{tenant,engine,version,asked}]}",
  run: async (call) => {
    const pins = await pinsOf(call);
    const force = flagValue(call, FORCE);
    if (force !== undefined) requireConsent(call, "`pin --force`");
    const operator = await operatorOf(call);
    const result = await operator.pin({ ...changeRequest(call), pins, force });
    return { document: result, text: (paint) => changedPinsText(result, isOn(call, DRY_RUN), paint) };
  },
};

export const UNPIN: Verb = {
  words: ["unpin"],
  group: "Engines",
  summary: "Have a tenant follow the schedule again.",
  changes: true,
  arguments: [
    { name: "TENANT", names: "tenant", doc: "Whose pin." },
    { name: "ENGINE", names: "pinned-engine", doc: "For which engine." },
  ],
  flags: [],
  examples: [{ line: "enginery unpin v42 xsnap", doc: "v42 follows the schedule." }],
  json: "{pins:[{tenant,engine,version,tree}], changed}",
  run: async (call) => {
    const tenant = tenantName(word(call, 0));
    const engine = engineName(word(call, 1));
    const operator = await operatorOf(call);
    const result = await operator.unpin({ ...changeRequest(call), tenant, engine });
    return { document: result, text: (paint) => changedPinsText(result, isOn(call, DRY_RUN), paint) };
  },
};

export const PINS: Verb = {
  words: ["pins"],
  group: "Answers",
  summary: "The tenants that stay on a version.",
  arguments: [{ name: "ENGINE", optional: true, names: "engine", doc: "As --engine." }],
  flags: [ENGINE],
  examples: [{ line: "enginery pins --engine xsnap", doc: "Who stays on which xsnap." }],
  json: "{pins:[{tenant,engine,version,tree}]}",
  run: async (call) => {
    const engine = word(call, 0) === "" ? flagValue(call, ENGINE) : engineName(word(call, 0));
    const operator = await operatorOf(call);
    const result = await operator.pins({ ...homeRequest(call), engine });
    return { document: result, text: (paint) => pinsText(result.pins, paint) };
  },
};

async function pinsOf(call: Call): Promise<readonly PinRequest[]> {
  const file = flagValue(call, FROM_FILE);
  if (file !== undefined && call.words.length === 0) {
    return parsePinFile(textOf(await call.outside.readFile(call.outside.absolutePath(file))));
  }
  if (file === undefined && call.words.length === 2) {
    return [{ tenant: tenantName(word(call, 0)), ...exactRelease(word(call, 1)) }];
  }
  throw new EngineryError("usage", "It takes TENANT and ENGINE@VERSION, or --from-file FILE.");
}

/** Bytes that are no UTF-8 would make one tenant of two. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new EngineryError("usage", "The file of pins is no UTF-8 text.", { cause });
  }
}
