import { commandWords } from "./command-words.ts";
import { EngineryError, type ErrorCode } from "./errors.ts";
import { parsePointer } from "./json-pointer.ts";
import { isLoopback } from "./location.ts";
import { quote } from "./quote.ts";

/** Where the network's epoch can be read, as operators write it. `name` is for messages: it holds no secret. */
export type EpochSourceSpec = FileSource | CommandSource | HttpSource | CometbftSource | SubstrateSource;

interface NamedSource {
  readonly name: string;
}

/** `file:PATH` (one line: a whole number) or `file:PATH#/json/pointer`. */
export interface FileSource extends NamedSource {
  readonly kind: "file";
  readonly path: string;
  readonly pointer?: readonly string[];
}

/** `command:PROGRAM ARG...`, never through a shell. */
export interface CommandSource extends NamedSource {
  readonly kind: "command";
  readonly program: string;
  readonly args: readonly string[];
}

/** `http(s)://HOST/PATH#/json/pointer`; without a pointer the body is a whole number. */
export interface HttpSource extends NamedSource {
  readonly kind: "http";
  readonly url: string;
  readonly pointer?: readonly string[];
}

/** `cometbft:http(s)://HOST:PORT`, its height divided by `every`. */
export interface CometbftSource extends NamedSource {
  readonly kind: "cometbft";
  readonly url: string;
  readonly every: number;
  /** Whether a node that says it is behind counts. */
  readonly allowCatchingUp: boolean;
}

/** `substrate:ws(s)://` or `substrate:http(s)://`. */
export interface SubstrateSource extends NamedSource {
  readonly kind: "substrate";
  readonly url: string;
  readonly unit: "session" | "height";
  /** Whether a node that says it is behind counts. */
  readonly allowCatchingUp: boolean;
}

export interface EpochSourceRules {
  /** Code of the errors in form; default: `usage`. */
  readonly code?: ErrorCode;
  /** Plain http: and ws: to other hosts than this machine; default: no. */
  readonly allowHttp?: boolean;
}

const FORMS = "Write file:PATH, command:PROGRAM ARG..., https://..., cometbft:https://... or substrate:wss://...";

/** Errors: `usage` (or `rules.code`), `source-refused` for plain http: to another machine. */
export function parseEpochSource(text: string, rules: EpochSourceRules = {}): EpochSourceSpec {
  const refuse = refusing(rules.code ?? "usage");
  if (text.length > 4096 || /[\p{C}\p{Zl}\p{Zp}]/u.test(text))
    throw refuse("An epoch source is not one line of at most 4096 characters.");
  const scheme = /^([a-z]+):/.exec(text)?.[1];
  const rest = text.slice((scheme?.length ?? 0) + 1);
  if (scheme === "file") return fileSource(rest, refuse);
  if (scheme === "command") return commandSource(rest, rules);
  if (scheme === "http" || scheme === "https") return httpSource(text, rules);
  if (scheme === "cometbft") return cometbftSource(rest, rules);
  if (scheme === "substrate") return substrateSource(rest, rules);
  throw refuse(`${quote(text.replace(/:.*$/, ""), 20)} is no kind of epoch source.`);
}

type Refuse = (message: string, hint?: string) => EngineryError;

function refusing(code: ErrorCode): Refuse {
  return (message, hint = FORMS) => new EngineryError(code, message, { hint });
}

function fileSource(rest: string, refuse: Refuse): FileSource {
  const [path, pointer] = split(rest, refuse);
  if (!/^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path))
    throw refuse(`The epoch source's file ${quote(path)} is not an absolute path.`);
  return { kind: "file", name: `file:${rest}`, path, ...pointer };
}

function commandSource(rest: string, rules: EpochSourceRules): CommandSource {
  const refuse = refusing(rules.code ?? "usage");
  const [program, ...args] = commandWords(rest, "The epoch source's command", rules.code);
  if (program === undefined || program === "") throw refuse("The epoch source's command is empty.");
  if (/[\\/]/.test(program) && !/^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(program)) {
    throw refuse(
      `The epoch source's program ${quote(program)} is neither a name nor an absolute path.`,
      "Write a name that PATH finds, or the whole path.",
    );
  }
  // an argument may be a secret
  return { kind: "command", name: `command:${program}${args.length === 0 ? "" : " ..."}`, program, args };
}

function httpSource(text: string, rules: EpochSourceRules): HttpSource {
  const [address, pointer] = split(text, refusing(rules.code ?? "usage"));
  const url = addressOf(address, ["http:", "https:"], rules);
  const fragment = text.slice(address.length);
  return { kind: "http", name: `${shortened(url)}${fragment}`, url: url.href, ...pointer };
}

function cometbftSource(rest: string, rules: EpochSourceRules): CometbftSource {
  const url = addressOf(rest, ["http:", "https:"], rules);
  const options = optionsOf(url, ["every", "catching-up"], rules);
  const every = options.get("every") ?? "1";
  if (!/^[1-9][0-9]{0,14}$/.test(every)) {
    throw refusing(rules.code ?? "usage")(
      `every=${quote(every)} is no whole number from 1.`,
      "Write ?every=N: the epoch is the height divided by N.",
    );
  }
  const bare = withoutOptions(url);
  return {
    kind: "cometbft",
    name: `cometbft:${shortened(bare)}${url.search}`,
    url: bare.href,
    every: Number(every),
    allowCatchingUp: options.has("catching-up"),
  };
}

function substrateSource(rest: string, rules: EpochSourceRules): SubstrateSource {
  const url = addressOf(rest, ["http:", "https:", "ws:", "wss:"], rules);
  const options = optionsOf(url, ["unit", "catching-up"], rules);
  const unit = options.get("unit") ?? "session";
  if (unit !== "session" && unit !== "height") {
    throw refusing(rules.code ?? "usage")(`unit=${quote(unit)} is no unit.`, "Write ?unit=session or ?unit=height.");
  }
  const bare = withoutOptions(url);
  return {
    kind: "substrate",
    name: `substrate:${shortened(bare)}${url.search}`,
    url: bare.href,
    unit,
    allowCatchingUp: options.has("catching-up"),
  };
}

/** At the first `#`: what comes after it is a JSON pointer. */
function split(text: string, refuse: Refuse): readonly [string, { readonly pointer?: readonly string[] }] {
  const at = text.indexOf("#");
  if (at === -1) return [text, {}];
  const pointer = parsePointer(text.slice(at + 1));
  if (pointer !== undefined) return [text.slice(0, at), { pointer }];
  throw refuse(`${quote(text.slice(at))} is no JSON pointer.`, "Write it as #/result/epoch (RFC 6901).");
}

function addressOf(text: string, schemes: readonly string[], rules: EpochSourceRules): URL {
  const url = URL.parse(text);
  if (url === null || !schemes.includes(url.protocol) || url.hash !== "") {
    const known = schemes.map((scheme) => `${scheme}//`).join(", ");
    throw refusing(rules.code ?? "usage")(`An epoch source's address is not one of ${known}.`);
  }
  if (/^(?:http|ws):$/.test(url.protocol) && rules.allowHttp !== true && !isLoopback(url.hostname)) {
    throw new EngineryError(
      "source-refused",
      `The epoch source ${shortened(url)} is plain ${url.protocol} to another machine.`,
      {
        hint: "Use https: or wss:, or allow it with --allow-http (config.json: allowHttp): whoever is on the way can say any epoch.",
      },
    );
  }
  return url;
}

/** A key that is not known or said twice is refused: a misspelt rule is no rule. */
function optionsOf(url: URL, known: readonly string[], rules: EpochSourceRules): ReadonlyMap<string, string> {
  const refuse = refusing(rules.code ?? "usage");
  const options = new Map<string, string>();
  for (const [key, value] of url.searchParams) {
    if (!known.includes(key) || options.has(key)) {
      throw refuse(
        `The epoch source ${shortened(url)} has ${options.has(key) ? "twice" : "the unknown"} option ${quote(key)}.`,
        `Its options: ${known.join(", ")}.`,
      );
    }
    options.set(key, value);
  }
  const behind = options.get("catching-up");
  if (behind !== undefined && behind !== "allow")
    throw refuse(`catching-up=${quote(behind)} says nothing.`, "Write ?catching-up=allow, or leave it out.");
  return options;
}

function withoutOptions(url: URL): URL {
  const bare = new URL(url);
  bare.search = "";
  return bare;
}

/** Providers put keys into user, path and query: of an address messages tell the origin alone. */
function shortened(url: URL): string {
  const hides = url.pathname !== "/" || url.search !== "";
  return `${url.protocol}//${url.host}${hides ? "/..." : ""}`;
}
