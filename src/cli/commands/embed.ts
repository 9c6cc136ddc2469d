import { EngineryError } from "../../core/errors.ts";
import { type Call, changeRequest, flagValue, homeRequest, isOn, operatorOf, word } from "../call.ts";
import { embeddedText, embedText, extractText, verifiedEmbeddedText } from "../render/embedding.ts";
import { switchFlag, valueFlag } from "./flag.ts";
import { DRY_RUN } from "./global-flags.ts";
import { exactRelease, releaseName, text } from "./values.ts";
import type { Answer, Verb } from "./verb.ts";

const TO = valueFlag(
  {
    name: "to",
    value: "PATH",
    kind: "file",
    env: "ENGINERY_EMBED_TO",
    doc: "The new file; default: the host's name and -engines. With --extract: the folder.",
  },
  text,
);
const LIST = switchFlag({ name: "list", env: "ENGINERY_EMBED_LIST", doc: "Say what is embedded in the file." });
const VERIFY_EMBEDDED = switchFlag({
  name: "verify",
  env: "ENGINERY_EMBED_VERIFY",
  doc: "Hash what is embedded, and say which releases of the home's channel it is.",
});
const EXTRACT = switchFlag({
  name: "extract",
  env: "ENGINERY_EMBED_EXTRACT",
  doc: "Lay out what is embedded below --to, each file checked.",
});

const HELP = { hint: "See `enginery help embed`." } as const;

export const EMBED: Verb = {
  words: ["embed"],
  group: "Engines",
  summary:
    "Put installed engines into a section of a host program that is not loaded, or look at those that are there.",
  details: [
    "Writes a new file and leaves the host as it is. ELF, Mach-O and PE; on macOS and Windows sign the new file afterwards.",
    "With --verify and without a home hashes alone are checked; exits 5 where something is off.",
  ],
  changes: true,
  arguments: [
    {
      name: "FILE",
      kind: "file",
      doc: "The host program or library; with --list, --verify or --extract one with engines in it.",
    },
    {
      name: "ENGINE[@VERSION]",
      optional: true,
      repeats: true,
      names: "release",
      doc: "What to embed, each with its version; with --extract what to lay out, default all.",
    },
  ],
  flags: [TO, LIST, VERIFY_EMBEDDED, EXTRACT],
  examples: [
    {
      line: "enginery embed ./node wasmtime@36.0.2 wasmtime@37.0.0 --to ./node-engines",
      doc: "Two versions in one program.",
    },
    { line: "enginery embed --list ./node-engines", doc: "What is in it." },
    { line: "enginery embed --extract ./node-engines wasmtime@36.0.2 --to ./engines", doc: "One of them as files." },
  ],
  json: "{path, sha256, signatureRemoved, host, section:{name,offset,bytes}, releases:[{engine,version,platform,tree,files,bytes,entries}]}; --list: {host, section, releases}; --verify: {ok, checked:{files,bytes}, releases:[{engine,version,platform,tree,promised}], problems:[{engine,version,path,kind}]}; --extract: {extracted:[{engine,version,tree,path,...}]}",
  run: async (call) => {
    const ways = [LIST, VERIFY_EMBEDDED, EXTRACT].filter((flag) => isOn(call, flag));
    if (ways.length > 1) {
      throw new EngineryError("usage", `--${ways.map(({ name }) => name).join(" and --")} do not go together.`, HELP);
    }
    if (isOn(call, EXTRACT)) return extract(call);
    if (ways.length === 0) return embed(call);
    if (call.words.length > 1) {
      throw new EngineryError("usage", `--${ways[0]?.name} takes a file and no releases.`, HELP);
    }
    return isOn(call, LIST) ? list(call) : verify(call);
  },
};

async function embed(call: Call): Promise<Answer> {
  const releases = call.words.slice(1).map(exactRelease);
  if (releases.length === 0) {
    throw new EngineryError("usage", "No release was named.", {
      hint: "Name each as ENGINE@VERSION; `enginery list` says what is installed.",
    });
  }
  const binary = fileOf(call);
  const asked = flagValue(call, TO);
  const to = asked === undefined ? besides(binary) : call.outside.absolutePath(asked);
  const operator = await operatorOf(call);
  const result = await operator.embed({ ...changeRequest(call), binary, releases, to });
  return { document: result, text: (paint) => embedText(result, paint) };
}

async function list(call: Call): Promise<Answer> {
  const operator = await operatorOf(call);
  const result = await operator.listEmbedded({ binary: fileOf(call) });
  return { document: result, text: (paint) => embeddedText(result, paint) };
}

async function verify(call: Call): Promise<Answer> {
  const operator = await operatorOf(call);
  const result = await operator.verifyEmbedded({ binary: fileOf(call), home: homeRequest(call) });
  return { document: result, text: (paint) => verifiedEmbeddedText(result, paint), status: result.ok ? 0 : 5 };
}

async function extract(call: Call): Promise<Answer> {
  const to = flagValue(call, TO);
  if (to === undefined) throw new EngineryError("usage", "Nothing says where to.", { hint: "Give --to DIR." });
  const operator = await operatorOf(call);
  const result = await operator.extractEmbedded({
    binary: fileOf(call),
    to: call.outside.absolutePath(to),
    names: call.words.slice(1).map(releaseName),
    dryRun: isOn(call, DRY_RUN),
  });
  return { document: result, text: (paint) => extractText(result, isOn(call, DRY_RUN), paint) };
}

function fileOf(call: Call): string {
  return call.outside.absolutePath(text(word(call, 0), "FILE"));
}

/** `host.exe` becomes `host-engines.exe`. */
function besides(binary: string): string {
  const [, stem = binary, ending = ""] = /^(.*?)(\.exe|\.dll|\.dylib|\.so)?$/s.exec(binary) ?? [];
  return `${stem}-engines${ending}`;
}
