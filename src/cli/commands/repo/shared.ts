import { commandWords } from "../../../core/command-words.ts";
import { EngineryError } from "../../../core/errors.ts";
import type { ChannelRequest, DraftReleaseRequest, RepositoryChangeRequest, Signing } from "../../../ops/publisher.ts";
import { type Call, flagValue, flagValues, isOn, word } from "../../call.ts";
import { passphraseSource } from "../../passphrases.ts";
import { type Flag, valueFlag } from "../flag.ts";
import { DRY_RUN } from "../global-flags.ts";
import { KEYS_DIR, PASSPHRASE_FILE, PRESENT_EPOCH } from "../shared-flags.ts";
import { channelName, count, exactRelease, text } from "../values.ts";
import type { Argument } from "../verb.ts";

export const DIR: Argument = { name: "DIR", kind: "folder", doc: "The repository's folder." };
export const RELEASE: Argument = { name: "ENGINE@VERSION", doc: "The release." };

export const REPO_CHANNEL = valueFlag(
  {
    name: "channel",
    value: "NAME",
    env: "ENGINERY_REPO_CHANNEL",
    doc: "The channel; may be left out where the repository has one.",
  },
  channelName,
);
export const THRESHOLD = valueFlag({ name: "threshold", value: "N", doc: "How many keys must sign." }, count);

const KEY = valueFlag(
  { name: "key", value: "FILE", kind: "file", repeats: true, doc: "A private key file to sign with." },
  text,
);
const SIGNER = valueFlag(
  {
    name: "signer",
    value: "COMMAND",
    doc: "Signs outside: file and arguments, run without a shell; bytes on stdin, signature on stdout.",
  },
  commandWords,
);

/** Of every verb that signs. */
export const SIGNING_FLAGS: readonly Flag[] = [KEYS_DIR, KEY, SIGNER, PASSPHRASE_FILE];

export function signingOf(call: Call): Signing {
  const keys = flagValues(call, KEY);
  const keysDir = folderOf(call, KEYS_DIR);
  const signer = flagValue(call, SIGNER);
  if (keys.length === 0 && keysDir === undefined && signer === undefined) {
    throw new EngineryError("usage", "Nothing says what to sign with.", {
      hint: "Give --keys-dir DIR, --key FILE or --signer COMMAND.",
    });
  }
  return {
    keysDir,
    keys: keys.length === 0 ? undefined : keys.map(call.outside.absolutePath),
    signer,
    environment: signer === undefined ? undefined : environmentOf(call),
    passphrase: passphraseSource(call, false),
  };
}

/** A signer is the publisher's own program and finds what it needs as in a shell, but for our variables: a passphrase is one. */
function environmentOf({ outside }: Call): Readonly<Record<string, string>> {
  const others = Object.entries(outside.env).filter(([name]) => !name.startsWith("ENGINERY_"));
  return Object.fromEntries(others.filter((one): one is [string, string] => one[1] !== undefined));
}

export function folderOf(call: Call, flag: Flag<string>): string | undefined {
  const folder = flagValue(call, flag);
  return folder === undefined ? undefined : call.outside.absolutePath(folder);
}

export function directoryOf(call: Call): string {
  return call.outside.absolutePath(text(word(call, 0), "DIR"));
}

export function repositoryChange(call: Call): RepositoryChangeRequest {
  return { directory: directoryOf(call), dryRun: isOn(call, DRY_RUN) };
}

export function channelRequest(call: Call): ChannelRequest {
  return { ...repositoryChange(call), channel: flagValue(call, REPO_CHANNEL) };
}

export function releaseRequest(call: Call): DraftReleaseRequest {
  return { ...channelRequest(call), ...exactRelease(word(call, 1)), epoch: flagValue(call, PRESENT_EPOCH) };
}
