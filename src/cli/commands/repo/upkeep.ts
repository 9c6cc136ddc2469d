import { confirm, flagValue, isOn, personToConfirm, publisherOf, requireConsent, say } from "../../call.ts";
import { prunedRepositoryText, verifiedRepositoryText } from "../../render/publishing.ts";
import { valueFlag } from "../flag.ts";
import { DRY_RUN } from "../global-flags.ts";
import { count } from "../values.ts";
import type { Verb } from "../verb.ts";
import { DIR, directoryOf, repositoryChange } from "./shared.ts";

const KEEP_MANIFESTS = valueFlag(
  {
    name: "keep-manifests",
    value: "N",
    doc: "Keep the content that the last N manifests of each channel name; default 10.",
  },
  count,
);

export const REPO_VERIFY: Verb = {
  words: ["repo", "verify"],
  group: "Publishing",
  summary: "Check the repository as a client would, and every file in it; exits 5 where something is off.",
  arguments: [DIR],
  flags: [],
  examples: [{ line: "enginery repo verify repo", doc: "Before it is uploaded." }],
  json: "{ok, checked:{files,bytes}, channels:[...], root:{version,sha256}, expires, problems:[{path,code,message}]}",
  run: async (call) => {
    const publisher = await publisherOf(call);
    const result = await publisher.verify({ directory: directoryOf(call) });
    return { document: result, text: (paint) => verifiedRepositoryText(result, paint), status: result.ok ? 0 : 5 };
  },
};

export const REPO_PRUNE: Verb = {
  words: ["repo", "prune"],
  group: "Publishing",
  summary: "Remove content that only old manifests name.",
  details: ["Without a terminal it needs --yes."],
  changes: true,
  arguments: [DIR],
  flags: [KEEP_MANIFESTS],
  examples: [{ line: "enginery repo prune repo --dry-run", doc: "What would go." }],
  json: "{removed:[{path,bytes}], freedBytes, kept:{files,bytes}}",
  run: async (call) => {
    const request = { ...repositoryChange(call), keepManifests: flagValue(call, KEEP_MANIFESTS) };
    requireConsent(call, "`repo prune`");
    const publisher = await publisherOf(call);
    if (!request.dryRun && (await personToConfirm(call)) !== undefined) {
      const plan = await publisher.prune({ ...request, dryRun: true });
      say(call, prunedRepositoryText(plan, true, call.talkPaint));
      if (plan.removed.length > 0) await confirm(call, "Remove these for good?", false);
    }
    const result = await publisher.prune(request);
    return { document: result, text: (paint) => prunedRepositoryText(result, isOn(call, DRY_RUN), paint) };
  },
};
