import { commandWords } from "../../../core/command-words.ts";
import { EngineryError } from "../../../core/errors.ts";
import type { GuardRules } from "../../../core/release-proofs.ts";
import type { AddRequest, EntryRequest } from "../../../ops/publisher.ts";
import { type Call, flagValue, flagValues, isOn, publisherOf } from "../../call.ts";
import { addText } from "../../render/publishing.ts";
import { switchFlag, valueFlag } from "../flag.ts";
import { DRY_RUN, OFFLINE } from "../global-flags.ts";
import { PRESENT_EPOCH } from "../shared-flags.ts";
import { count, entryName, platformName, text } from "../values.ts";
import type { Verb } from "../verb.ts";
import { DIR, folderOf, RELEASE, REPO_CHANNEL, releaseRequest } from "./shared.ts";

const FOR_PLATFORM = valueFlag(
  {
    name: "platform",
    value: "P",
    env: "ENGINERY_REPO_PLATFORM",
    doc: "What it runs on: linux-x64, linux-x64-musl, darwin-arm64, win32-x64, or any.",
  },
  platformName,
);
const TREE = valueFlag(
  { name: "tree", value: "FOLDER", kind: "folder", doc: "A folder whose files are the release." },
  text,
);
const ARCHIVE = valueFlag(
  { name: "archive", value: "FILE", kind: "file", doc: "A .tar.zst or .tar.gz, kept as it is." },
  text,
);
const NPM = valueFlag(
  {
    name: "npm",
    value: "NAME@VERSION",
    doc: "The archive stays in the npm registry; its hash, pieces and tree are signed here.",
  },
  text,
);
const ARCHIVE_ROOT = valueFlag(
  {
    name: "archive-root",
    value: "FOLDER",
    doc: "The folder within the archive at which the tree begins; default: its top, and for --npm the one folder that npm archives have.",
  },
  text,
);
const ENTRY_POINT = valueFlag(
  {
    name: "entry",
    value: "NAME=PATH[:KIND]",
    repeats: true,
    env: "ENGINERY_REPO_ENTRY",
    doc: "An entry point; KIND is executable or library. Default: the executable named like the engine, or the only one.",
  },
  entryPoint,
);
const PROBE = valueFlag(
  {
    name: "probe",
    value: "ARGS",
    doc: "Arguments with which an executable proves on each host what it is, as --version.",
  },
  commandWords,
);
const EXPECT = valueFlag(
  { name: "expect", value: "REGEX", doc: "What the probe's output must match; default: the version." },
  text,
);

const PROBE_WITH = valueFlag(
  {
    name: "probe-with",
    value: "NAME",
    doc: "The executable entry point that proves the libraries of the release: started with a library's path, it loads it and prints its version.",
  },
  entryName,
);
const EXPECT_LIBRARY = valueFlag(
  {
    name: "expect-library",
    value: "REGEX",
    doc: "What --probe-with must print; default: the version, and X.Y for X.Y.0, too.",
  },
  text,
);
const GUARD_FILES = switchFlag({
  name: "guard-files",
  doc: "Have every file of the release checked, hash and all, each time before an executable of it is started.",
});
const INPUT = valueFlag(
  {
    name: "input",
    value: "[NAME:]OPTION@OFFSET=HEX[,HEX...]",
    repeats: true,
    env: "ENGINERY_REPO_INPUT",
    doc: "Have the file that follows OPTION among an executable's arguments checked before each start: from byte OFFSET it must hold one of these bytes. NAME: of that entry point alone.",
  },
  inputRule,
);

const DELTAS = valueFlag(
  {
    name: "deltas",
    value: "K",
    env: "ENGINERY_REPO_DELTAS",
    doc: "Make deltas from the last K releases of the same engine and platform, for those who have one of them. Default: none.",
  },
  upTo64,
);

export const REPO_ADD: Verb = {
  words: ["repo", "add"],
  group: "Publishing",
  summary: "Add a release for a platform, from a folder, an archive or the npm registry.",
  changes: true,
  arguments: [DIR, RELEASE],
  flags: [
    FOR_PLATFORM,
    TREE,
    ARCHIVE,
    NPM,
    ARCHIVE_ROOT,
    ENTRY_POINT,
    PROBE,
    EXPECT,
    PROBE_WITH,
    EXPECT_LIBRARY,
    GUARD_FILES,
    INPUT,
    DELTAS,
    REPO_CHANNEL,
    PRESENT_EPOCH,
  ],
  examples: [
    {
      line: 'enginery repo add repo xsnap@0.15.0 --platform linux-x64 --tree build --probe=-v --expect "^xsnap 0\\.15\\.0"',
      doc: "From a build folder, with a probe.",
    },
    {
      line: "enginery repo add repo xsnap@0.15.0 --platform linux-x64 --tree build --deltas 3",
      doc: "Who has one of the last three releases fetches the difference.",
    },
    {
      line: "enginery repo add repo xsnap@0.15.0 --platform linux-x64 --tree build --guard-files --input=-r@12=564552530d03",
      doc: "Started only with all of its own files, and with snapshots of its own XS.",
    },
  ],
  json: "{engine, version, platform, tree, files, unpackedBytes, archive:{sha256,bytes,source}, entries, deltas:[{version,from,sha256,bytes}], channel, serial, changed}",
  run: async (call) => {
    const publisher = await publisherOf(call);
    const result = await publisher.add(requestOf(call));
    return { document: result, text: (paint) => addText(result, isOn(call, DRY_RUN), paint) };
  },
};

function requestOf(call: Call): AddRequest {
  const platform = flagValue(call, FOR_PLATFORM);
  if (platform === undefined) throw new EngineryError("usage", "--platform P is missing.");
  const sources = { tree: folderOf(call, TREE), archive: folderOf(call, ARCHIVE), npm: flagValue(call, NPM) };
  if (Object.values(sources).filter((each) => each !== undefined).length !== 1) {
    throw new EngineryError("usage", "It takes exactly one of --tree FOLDER, --archive FILE and --npm NAME@VERSION.");
  }
  const entries = flagValues(call, ENTRY_POINT);
  const inputs = flagValues(call, INPUT);
  const probe = flagValue(call, PROBE);
  const expect = flagValue(call, EXPECT);
  if (expect !== undefined && probe === undefined) {
    throw new EngineryError("usage", "--expect says what --probe must print, and there is no --probe.");
  }
  const loader = flagValue(call, PROBE_WITH);
  const expectLibrary = flagValue(call, EXPECT_LIBRARY);
  if (expectLibrary !== undefined && loader === undefined) {
    throw new EngineryError(
      "usage",
      "--expect-library says what --probe-with must print, and there is no --probe-with.",
    );
  }
  return {
    ...releaseRequest(call),
    platform,
    ...sources,
    root: flagValue(call, ARCHIVE_ROOT),
    entries: entries.length === 0 ? undefined : entries,
    probe: probe === undefined ? undefined : { args: probe, expect },
    libraryProbe: loader === undefined ? undefined : { with: loader, expect: expectLibrary },
    guards: isOn(call, GUARD_FILES) || inputs.length > 0 ? { files: isOn(call, GUARD_FILES), inputs } : undefined,
    deltas: flagValue(call, DELTAS),
    offline: isOn(call, OFFLINE),
  };
}

/** As many as a manifest may name. */
function upTo64(value: string, said: string): number {
  const wanted = count(value, said);
  if (wanted <= 64) return wanted;
  throw new EngineryError("usage", `${said} is ${wanted}, and a release has at most 64 deltas.`);
}

function entryPoint(value: string, said: string): EntryRequest {
  const match = /^([^=]+)=(.+?)(?::(executable|library))?$/.exec(value);
  if (match === null) {
    throw new EngineryError("usage", `${said} is not NAME=PATH[:executable|library].`, { context: { value } });
  }
  const [, name = "", path = "", kind] = match;
  return { name: entryName(name), path, kind: kind === "executable" || kind === "library" ? kind : undefined };
}

function inputRule(value: string, said: string): GuardRules["inputs"][number] {
  const match = /^(?:([^:@=-][^:@=]*):)?(-[^@]*)@(\d{1,15})=([0-9a-fA-F,]+)$/.exec(value);
  if (match === null) {
    const problem = /@\d+=?$/.test(value)
      ? `says no bytes: a rule without them would hold every file for right. Say them in hex, as in ${value.replace(/=$/, "")}=564552530d03.`
      : "is not [NAME:]OPTION@OFFSET=HEX[,HEX...], as in -r@12=564552530d03.";
    throw new EngineryError("usage", `${said} ${problem}`, { context: { value } });
  }
  const [, entry, after = "", offset, bytes = ""] = match;
  return {
    ...(entry === undefined ? {} : { entry: entryName(entry) }),
    after,
    offset: Number(offset),
    bytes: bytes.toLowerCase().split(","),
  };
}
