import type { SignResult } from "../../../ops/publisher.ts";
import { type Call, flagValue, flagValues, isOn, publisherOf } from "../../call.ts";
import { passphraseSource } from "../../passphrases.ts";
import { rotateText, signText } from "../../render/publishing.ts";
import { switchFlag, valueFlag } from "../flag.ts";
import { DRY_RUN } from "../global-flags.ts";
import { EXPIRES, KEYS_DIR, PASSPHRASE_FILE, PRESENT_EPOCH } from "../shared-flags.ts";
import { count, oneOf, text } from "../values.ts";
import type { Answer, Verb } from "../verb.ts";
import {
  channelRequest,
  DIR,
  folderOf,
  REPO_CHANNEL,
  repositoryChange,
  SIGNING_FLAGS,
  signingOf,
  THRESHOLD,
} from "./shared.ts";

const OFFLINE_EXPIRES = valueFlag(
  {
    name: "offline-expires",
    value: "WHEN",
    doc: "Of what the offline keys sign (targets, a rotated root); default 365d, or --expires where that is later.",
  },
  text,
);
const RENEW = switchFlag({
  name: "renew",
  doc: "With nothing new to publish: sign the same again, for a later expiry.",
});
const ROLE = valueFlag(
  {
    name: "role",
    value: "ROLE",
    choices: ["root", "snapshot", "timestamp"],
    doc: "Whose keys change; root (the default) stands for root and targets.",
  },
  oneOf(["root", "snapshot", "timestamp"]),
);
const ADD_KEY = valueFlag(
  { name: "add-key", value: "FILE", kind: "file", repeats: true, doc: "A key file to add, public or private." },
  text,
);
const REMOVE_KEY = valueFlag(
  { name: "remove-key", value: "KEY", repeats: true, doc: "A key to remove: its id (8 digits or more), name or file." },
  text,
);
const NEW_KEYS = valueFlag({ name: "new-keys", value: "N", doc: "How many keys to make in --keys-dir." }, count);

const JSON_MEMBERS =
  "{visible, changed, channels:[{channel,serial,manifest}], roles:[{role,version,expires,have,threshold}], missing:[{role,keyid,name}], added, root:{version,sha256}}";

export const REPO_SIGN: Verb = {
  words: ["repo", "sign"],
  group: "Publishing",
  summary:
    "Add the signatures that these keys give; when every threshold is met, check the output as a client would and make it visible.",
  details: ["Until then it says who is missing, and exits 10."],
  changes: true,
  arguments: [DIR],
  flags: [...SIGNING_FLAGS, EXPIRES, OFFLINE_EXPIRES, PRESENT_EPOCH, RENEW, REPO_CHANNEL],
  examples: [
    { line: "enginery repo sign repo --keys-dir keys --epoch 1200 --expires 30d", doc: "With every key of a folder." },
    { line: "enginery repo sign repo --key alice.pem", doc: "One person's signature." },
  ],
  json: JSON_MEMBERS,
  run: async (call) => {
    const request = {
      ...channelRequest(call),
      ...signingOf(call),
      expires: flagValue(call, EXPIRES),
      offlineExpires: flagValue(call, OFFLINE_EXPIRES),
      epoch: flagValue(call, PRESENT_EPOCH),
      renew: isOn(call, RENEW),
    };
    const publisher = await publisherOf(call);
    return signAnswer(call, await publisher.sign(request));
  },
};

export const REPO_REFRESH_TIMESTAMP: Verb = {
  words: ["repo", "refresh-timestamp"],
  group: "Publishing",
  summary: "Sign timestamp and snapshot anew, and nothing else: for a machine, on a timer.",
  changes: true,
  arguments: [DIR],
  flags: [...SIGNING_FLAGS, EXPIRES],
  examples: [
    { line: "enginery repo refresh-timestamp repo --key snapshot.pem --key timestamp.pem", doc: "Every few days." },
  ],
  json: JSON_MEMBERS,
  run: async (call) => {
    const request = { ...repositoryChange(call), ...signingOf(call), expires: flagValue(call, EXPIRES) };
    const publisher = await publisherOf(call);
    return signAnswer(call, await publisher.refreshTimestamp(request));
  },
};

export const REPO_ROTATE_ROOT: Verb = {
  words: ["repo", "rotate-root"],
  group: "Publishing",
  summary: "Propose a root with other keys or another threshold; `repo sign` gives it the old and the new signatures.",
  changes: true,
  arguments: [DIR],
  flags: [ROLE, ADD_KEY, REMOVE_KEY, NEW_KEYS, KEYS_DIR, THRESHOLD, EXPIRES, PASSPHRASE_FILE],
  examples: [
    {
      line: "enginery repo rotate-root repo --remove-key bob --new-keys 1 --keys-dir keys",
      doc: "One person leaves, one comes.",
    },
  ],
  json: "{root:{version}, threshold, keys:[...], added:[...], removed:[...]}",
  run: async (call) => {
    const added = flagValues(call, ADD_KEY);
    const removed = flagValues(call, REMOVE_KEY);
    const publisher = await publisherOf(call);
    const result = await publisher.rotateRoot({
      ...repositoryChange(call),
      role: flagValue(call, ROLE),
      addKeys: added.length === 0 ? undefined : added.map(call.outside.absolutePath),
      removeKeys: removed.length === 0 ? undefined : removed.map((key) => keyNameOrPath(call, key)),
      newKeys: flagValue(call, NEW_KEYS),
      keysDir: folderOf(call, KEYS_DIR),
      threshold: flagValue(call, THRESHOLD),
      expires: flagValue(call, EXPIRES),
      passphrase: passphraseSource(call, true),
    });
    return { document: result, text: (paint) => rotateText(result, isOn(call, DRY_RUN), paint) };
  },
};

/** A file is told from an id or a name by its slash or its ending. */
function keyNameOrPath(call: Call, key: string): string {
  return /[/\\]|\.pem$/.test(key) ? call.outside.absolutePath(key) : key;
}

function signAnswer(call: Call, result: SignResult): Answer {
  const dryRun = isOn(call, DRY_RUN);
  return {
    document: result,
    text: (paint) => signText(result, dryRun, paint),
    status: result.visible ? 0 : 10,
  };
}
