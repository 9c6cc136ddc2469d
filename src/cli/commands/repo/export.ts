import { EngineryError } from "../../../core/errors.ts";
import { flagValues, isOn, publisherOf } from "../../call.ts";
import { exportText } from "../../render/publishing.ts";
import { valueFlag } from "../flag.ts";
import { OFFLINE } from "../global-flags.ts";
import { platformName, releaseName, text } from "../values.ts";
import type { Verb } from "../verb.ts";
import { channelRequest, DIR, folderOf, REPO_CHANNEL } from "./shared.ts";

const TO = valueFlag(
  {
    name: "to",
    value: "FILE",
    kind: "file",
    env: "ENGINERY_EXPORT_TO",
    doc: "The archive to write, its name ending in .tar.zst or .tar.gz.",
  },
  text,
);
const PLATFORMS = valueFlag(
  {
    name: "platform",
    value: "P",
    env: "ENGINERY_EXPORT_PLATFORMS",
    repeats: true,
    doc: "Only builds for this platform and for any. Default: all.",
  },
  platformName,
);

export const REPO_EXPORT: Verb = {
  words: ["repo", "export"],
  group: "Publishing",
  summary:
    "Write a channel as one plain archive: releases laid out, the signed repository, and a script that checks it all.",
  details: [
    "Checks the repository first as `repo verify` does, and writes nothing where a client would refuse it. Same repository, same bytes.",
    "Unpacked, it serves as it lies, also from read-only media; `install --from` takes its folder repository/ with no network.",
  ],
  changes: true,
  arguments: [
    DIR,
    {
      name: "ENGINE[@VERSION]",
      optional: true,
      repeats: true,
      doc: "Only these. Default: every release that is not withdrawn.",
    },
  ],
  flags: [TO, REPO_CHANNEL, PLATFORMS],
  examples: [
    { line: "enginery repo export repo --to mainnet.tar.zst", doc: "All of a repository with one channel." },
    {
      line: "enginery repo export repo xsnap@0.15.0 --platform linux-x64 --to xsnap.tar.gz",
      doc: "One release.",
    },
  ],
  json: "{channel, serial, manifest, root:{version,sha256}, file:{path,sha256,bytes}, folder, releases:[{engine,version,platform,tree,files,unpackedBytes}], left:[{engine,version,reason}]}",
  run: async (call) => {
    const to = folderOf(call, TO);
    if (to === undefined) {
      throw new EngineryError("usage", "Nothing says where to write it.", {
        hint: "Give --to FILE.tar.zst or FILE.tar.gz.",
      });
    }
    const publisher = await publisherOf(call);
    const result = await publisher.export({
      ...channelRequest(call),
      to,
      names: call.words.slice(1).map(releaseName),
      platforms: flagValues(call, PLATFORMS),
      offline: isOn(call, OFFLINE),
    });
    return { document: result, text: (paint) => exportText(result, paint) };
  },
};
