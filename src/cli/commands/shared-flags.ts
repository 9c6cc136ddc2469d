import { switchFlag, valueFlag } from "./flag.ts";
import { channelName, entryName, epoch, platformName, tenantName, text } from "./values.ts";

export const CHANNEL = valueFlag(
  {
    name: "channel",
    value: "NAME",
    config: "channel",
    names: "channel",
    doc: "The channel: what a network's operators follow.",
  },
  channelName,
);
export const EPOCH = valueFlag(
  { name: "epoch", value: "N", doc: "Answer for this epoch. A question only: nothing is recorded." },
  epoch,
);
export const TENANT = valueFlag(
  {
    name: "tenant",
    value: "ID",
    names: "tenant",
    doc: "Whose work it is: a pin of this tenant goes before the schedule.",
  },
  tenantName,
);
export const ENTRY = valueFlag(
  {
    name: "entry",
    value: "NAME",
    names: "entry",
    doc: "The entry point; needed only where the release has several.",
  },
  entryName,
);
export const PLATFORM = valueFlag(
  {
    name: "platform",
    value: "P",
    config: "platform",
    doc: "As linux-x64, darwin-arm64, win32-x64; default: this host's.",
  },
  platformName,
);
export const QUICK = switchFlag({ name: "quick", doc: "Sizes and times only; no file is hashed." });
export const FORCE = valueFlag(
  { name: "force", value: "REASON", doc: "Go against the rule that refuses; the reason is recorded." },
  text,
);
export const ACCEPT_LATE = valueFlag(
  {
    name: "accept-late",
    value: "REASON",
    doc: "Accept a manifest that changes an epoch in which work ran here; the reason is recorded.",
  },
  text,
);
export const ALLOW_EXPIRED = valueFlag(
  {
    name: "allow-expired",
    value: "REASON",
    doc: "From a folder only: take an expired timestamp or snapshot; the reason is recorded.",
  },
  text,
);
export const NO_DELTAS = switchFlag({
  name: "no-deltas",
  doc: "Fetch whole archives, though what is installed would save bytes.",
});

export const KEYS_DIR = valueFlag(
  { name: "keys-dir", value: "DIR", kind: "folder", doc: "The folder of private keys; never within the repository." },
  text,
);
export const PASSPHRASE_FILE = valueFlag(
  {
    name: "passphrase-file",
    value: "FILE",
    kind: "file",
    doc: "Its first line is the passphrase of the keys; else ENGINERY_PASSPHRASE; else a terminal is asked.",
  },
  text,
);
export const EXPIRES = valueFlag(
  { name: "expires", value: "WHEN", doc: "As 30d, 12h, 90m, or an instant as 2031-01-01T00:00:00Z." },
  text,
);
export const PRESENT_EPOCH = valueFlag(
  {
    name: "epoch",
    value: "NOW",
    env: "ENGINERY_PRESENT_EPOCH",
    doc: "The network's present epoch: the rules are checked at it.",
  },
  epoch,
);
