import { EngineryError } from "../../../core/errors.ts";
import { flagValue, isOn, publisherOf } from "../../call.ts";
import { passphraseSource } from "../../passphrases.ts";
import { initText } from "../../render/publishing.ts";
import { valueFlag } from "../flag.ts";
import { DRY_RUN } from "../global-flags.ts";
import { EXPIRES, KEYS_DIR, PASSPHRASE_FILE } from "../shared-flags.ts";
import { count, text } from "../values.ts";
import type { Verb } from "../verb.ts";
import { DIR, folderOf, REPO_CHANNEL, repositoryChange, THRESHOLD } from "./shared.ts";

const KEYS = valueFlag({ name: "keys", value: "M", doc: "How many root keys to make; default: the threshold." }, count);
const UNIT = valueFlag(
  { name: "unit", value: "WORD", doc: "What the network calls an epoch: epoch (the default), session, height." },
  text,
);

export const REPO_INIT: Verb = {
  words: ["repo", "init"],
  group: "Publishing",
  summary: "Make a repository: keys, root, an empty channel. In one that exists: one more channel.",
  details: ["Keys are ed25519, encrypted where a passphrase is given, and never lie within the repository."],
  changes: true,
  arguments: [DIR],
  flags: [REPO_CHANNEL, KEYS_DIR, THRESHOLD, KEYS, UNIT, EXPIRES, PASSPHRASE_FILE],
  examples: [
    {
      line: "enginery repo init repo --channel mainnet --keys-dir keys --threshold 2 --keys 3",
      doc: "Two of three people sign.",
    },
  ],
  json: "{root:{version,sha256,path}, channel, threshold, keys:[...]}",
  run: async (call) => {
    const channel = flagValue(call, REPO_CHANNEL);
    if (channel === undefined) throw new EngineryError("usage", "--channel NAME is missing.");
    const publisher = await publisherOf(call);
    const result = await publisher.init({
      ...repositoryChange(call),
      channel,
      unit: flagValue(call, UNIT),
      keysDir: folderOf(call, KEYS_DIR),
      threshold: flagValue(call, THRESHOLD),
      keys: flagValue(call, KEYS),
      passphrase: passphraseSource(call, true),
      expires: flagValue(call, EXPIRES),
    });
    return { document: result, text: (paint) => initText(result, isOn(call, DRY_RUN), paint) };
  },
};
