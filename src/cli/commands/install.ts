import { EngineryError } from "../../core/errors.ts";
import type { InstallRequest, InstallResult, Operator } from "../../ops/operator.ts";
import {
  type Call,
  confirm,
  flagValue,
  flagValues,
  isOn,
  networkRequest,
  operatorOf,
  personOf,
  personToConfirm,
  say,
} from "../call.ts";
import { leasesFolder } from "../home-folder.ts";
import { doneText, planText } from "../render/plan.ts";
import { statusOfFailed } from "./failed-status.ts";
import { valueFlag } from "./flag.ts";
import { DRY_RUN } from "./global-flags.ts";
import { ACCEPT_LATE, ALLOW_EXPIRED, CHANNEL, NO_DELTAS, PLATFORM } from "./shared-flags.ts";
import { releaseName, sha256, text } from "./values.ts";
import type { Verb } from "./verb.ts";

const FROM = valueFlag(
  {
    name: "from",
    value: "URL|DIR",
    config: "repository",
    kind: "folder",
    doc: "The repository: https:, a folder, or http: on this host. Only the first time.",
  },
  text,
);
const MIRROR = valueFlag(
  {
    name: "mirror",
    env: "ENGINERY_MIRRORS",
    value: "URL|DIR",
    repeats: true,
    config: "mirrors",
    kind: "folder",
    doc: "Another place that serves the same repository.",
  },
  text,
);
const ROOT = valueFlag(
  {
    name: "root",
    value: "FILE",
    kind: "file",
    doc: "The trusted root, as the publisher gave it. Only the first time.",
  },
  text,
);
const ROOT_SHA256 = valueFlag(
  {
    name: "root-sha256",
    value: "HEX",
    doc: "Fingerprint of any version of the trusted root, in place of --root.",
  },
  sha256,
);

export const INSTALL: Verb = {
  words: ["install"],
  group: "Engines",
  summary: "Make the home, pin the trusted root, and lay out every release that the schedule or the names ask for.",
  details: [
    "Where to install from is said the first time only and kept in config.json.",
    "A single file that carries releases needs none of this: it installs what it carries, without a network.",
    "On a terminal: shows the fingerprint of the root where none is given, lets you choose engines, and asks before it begins.",
  ],
  changes: true,
  arguments: [
    {
      name: "ENGINE[@VERSION]",
      optional: true,
      repeats: true,
      names: "offered-release",
      doc: "Only these; without a version: what the schedule asks for. Default: every engine of the channel.",
    },
  ],
  flags: [FROM, MIRROR, CHANNEL, ROOT, ROOT_SHA256, PLATFORM, NO_DELTAS, ACCEPT_LATE, ALLOW_EXPIRED],
  examples: [
    {
      line: "enginery install --from https://engines.example --channel mainnet --root root.json",
      doc: "First install, from a root file.",
    },
    { line: "enginery install wasmtime@36.0.2", doc: "One more release." },
  ],
  json: "{generation, installed:[{engine,version,platform,tree,path,bytes}], failed:[{engine,version,code,message}], late:[...], downloadedBytes, deltas, ways:[{engine,version,way,from:{engine,version},downloadBytes}], changed, space}",
  run: async (call) => {
    const operator = await operatorOf(call);
    const asked = await withConfirmedRoot(call, operator, await requestOf(call));
    if (isOn(call, DRY_RUN)) return planAnswer(await operator.install(asked));
    const request = await withConfirmedPlan(call, operator, asked);
    const result = await operator.install(request);
    return { document: result, text: (paint) => doneText(result, paint), status: statusOfFailed(result.failed) };
  },
};

/** The answer of a dry run. */
export function planAnswer(plan: InstallResult) {
  return { document: plan, text: (paint: Parameters<typeof planText>[1]) => planText(plan, paint) };
}

async function requestOf(call: Call): Promise<InstallRequest> {
  const { readFile, absolutePath } = call.outside;
  const root = flagValue(call, ROOT);
  const from = flagValue(call, FROM);
  const mirrors = flagValues(call, MIRROR).map((mirror) => locationOf(call, mirror));
  if (root !== undefined && flagValue(call, ROOT_SHA256) !== undefined) {
    throw new EngineryError("usage", "--root and --root-sha256 both say what to trust.", { hint: "Give one of them." });
  }
  return {
    ...networkRequest(call),
    names: call.words.map(releaseName),
    from: from === undefined ? undefined : locationOf(call, from),
    mirrors: mirrors.length === 0 ? undefined : mirrors,
    channel: flagValue(call, CHANNEL),
    root: root === undefined ? undefined : await readFile(absolutePath(root)),
    rootSha256: flagValue(call, ROOT_SHA256),
    platform: flagValue(call, PLATFORM),
    leases: leasesFolder(call),
    acceptLate: flagValue(call, ACCEPT_LATE),
  };
}

/** What has no scheme is a folder; a single letter is a Windows drive. The home remembers it, so it is made absolute. */
function locationOf({ outside }: Call, said: string): string {
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(said) ? said : outside.absolutePath(said);
}

/** Trust on first use only by a person who compared the fingerprint: --yes does not answer this. */
async function withConfirmedRoot(call: Call, operator: Operator, request: InstallRequest): Promise<InstallRequest> {
  if (request.from === undefined || request.root !== undefined || request.rootSha256 !== undefined) return request;
  const person = await personToConfirm(call);
  const root = person === undefined ? undefined : await operator.rootFingerprint(request);
  if (person === undefined || root === undefined) return request;
  call.outside.stderr.write(`The repository's root is version ${root.version}, sha256\n  ${root.sha256}\n`);
  if (await person.confirm("Is this the fingerprint that the publisher told you by another way?", false)) {
    return { ...request, rootSha256: root.sha256 };
  }
  throw new EngineryError("root-required", "The root was not confirmed; nothing was changed.");
}

async function withConfirmedPlan(call: Call, operator: Operator, asked: InstallRequest): Promise<InstallRequest> {
  const person = await personToConfirm(call);
  if (person === undefined) return asked;
  const plan = await operator.plan(asked);
  const engines = [...new Set(plan.installed.map((each) => each.engine))];
  const first = asked.from !== undefined && asked.names.length === 0 && engines.length > 1;
  const chosen = first ? await chooseEngines(call, engines) : engines;
  const request = chosen.length === engines.length ? asked : { ...asked, names: chosen.map(releaseName) };
  const shown = request === asked ? plan : await operator.plan(request);
  if (!shown.changed) return request;
  say(call, planText(shown, call.talkPaint));
  await confirm(call, "Go on?");
  return request;
}

async function chooseEngines(call: Call, engines: readonly string[]): Promise<readonly string[]> {
  const person = await personOf(call);
  const choices = engines.map((engine) => ({ name: engine, value: engine }));
  const chosen = (await person?.choose("Which engines?", choices)) ?? engines;
  if (chosen.length > 0) return chosen;
  throw new EngineryError("refused", "No engine was chosen; nothing was changed.");
}
