import { type Flag, switchFlag, valueFlag } from "./flag.ts";
import { oneOf, text } from "./values.ts";

export const HOME = valueFlag(
  {
    name: "home",
    value: "DIR",
    kind: "folder",
    doc: "The home: where engines are kept. Default: enginery in XDG_DATA_HOME, else ~/.local/share/enginery; %LOCALAPPDATA%\\enginery on Windows.",
  },
  text,
);
export const SYSTEM = switchFlag({
  name: "system",
  doc: "The home of the whole machine, /var/lib/enginery, in place of one's own.",
});
export const JSON_DOCUMENT = switchFlag({
  name: "json",
  doc: "Print one JSON document on stdout and nothing else there; nobody is asked anything.",
});
export const YES = switchFlag({ name: "yes", short: "y", doc: "Take every question as answered with yes." });
export const DRY_RUN = switchFlag({
  name: "dry-run",
  short: "n",
  doc: "Say what would be done and change nothing.",
});
export const QUIET = switchFlag({
  name: "quiet",
  short: "q",
  doc: "Neither progress nor talk; warnings and errors stay.",
});
export const VERBOSE = switchFlag({
  name: "verbose",
  short: "v",
  doc: "Tell each step; with a bug of ours, where it is.",
});
export const OFFLINE = switchFlag({ name: "offline", doc: "Never touch the network." });
export const ALLOW_HTTP = switchFlag({
  name: "allow-http",
  config: "allowHttp",
  doc: "Take plain http: from other hosts than this one. Signatures are checked all the same.",
});
export const NO_PROGRESS = switchFlag({ name: "no-progress", doc: "Show no progress bars." });
export const PROGRESS = valueFlag(
  {
    name: "progress",
    value: "HOW",
    choices: ["bars", "json", "none"],
    doc: "bars on stderr where it is a terminal (the default), JSON Lines on stderr, or none.",
  },
  oneOf(["bars", "json", "none"]),
);
export const COLOR = valueFlag(
  {
    name: "color",
    value: "WHEN",
    choices: ["auto", "always", "never"],
    doc: "auto (the default) colours on a terminal, unless NO_COLOR is set.",
  },
  oneOf(["auto", "always", "never"]),
);

/** Taken by every verb, before it or after it; DRY_RUN only by those that change something. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  HOME,
  SYSTEM,
  JSON_DOCUMENT,
  YES,
  QUIET,
  VERBOSE,
  OFFLINE,
  ALLOW_HTTP,
  NO_PROGRESS,
  PROGRESS,
  COLOR,
];
