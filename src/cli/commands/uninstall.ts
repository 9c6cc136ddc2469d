import type { UninstallRequest } from "../../ops/operator.ts";
import { changeRequest, confirm, isOn, operatorOf, personToConfirm, requireConsent, say } from "../call.ts";
import { receiptFile } from "../receipt-file.ts";
import { uninstallText } from "../render/uninstall.ts";
import { switchFlag } from "./flag.ts";
import { DRY_RUN } from "./global-flags.ts";
import { RECEIPT } from "./self-flags.ts";
import type { Verb } from "./verb.ts";

const PURGE = switchFlag({ name: "purge", doc: "The home too, with every engine and its ledger." });

export const UNINSTALL: Verb = {
  words: ["uninstall"],
  group: "Enginery",
  summary: "Remove what the receipt of install.sh lists, and nothing else.",
  details: [
    "What was changed since it was made is kept and named. The home stays, unless --purge is said; a running engine refuses that.",
    "Without a terminal it needs --yes.",
  ],
  changes: true,
  arguments: [],
  flags: [PURGE, RECEIPT],
  examples: [
    { line: "enginery uninstall --dry-run", doc: "What would go, and what stays and why." },
    { line: "enginery uninstall --purge", doc: "The home and its engines as well." },
  ],
  json: "{removed:[{kind,path}], kept:[{kind,path,why}], home:{path,freedBytes}|null}",
  run: async (call) => {
    const request: UninstallRequest = {
      ...changeRequest(call),
      receipt: receiptFile(call),
      purge: isOn(call, PURGE),
    };
    requireConsent(call, "`uninstall`");
    const operator = await operatorOf(call);
    if (!request.dryRun && (await personToConfirm(call)) !== undefined) {
      say(call, uninstallText(await operator.uninstall({ ...request, dryRun: true }), true, call.talkPaint));
      await confirm(call, "Remove these for good?", false);
    }
    const result = await operator.uninstall(request);
    return { document: result, text: (paint) => uninstallText(result, isOn(call, DRY_RUN), paint) };
  },
};
