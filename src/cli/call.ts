import { EngineryError } from "../core/errors.ts";
import type { ChangeRequest, HomeRequest, NetworkRequest, Operator } from "../ops/operator.ts";
import type { Publisher } from "../ops/publisher.ts";
import type { Prompter, Reporter } from "../ops/world.ts";
import type { Flag } from "./commands/flag.ts";
import { ALLOW_HTTP, DRY_RUN, JSON_DOCUMENT, OFFLINE, QUIET, YES } from "./commands/global-flags.ts";
import { ALLOW_EXPIRED, NO_DELTAS } from "./commands/shared-flags.ts";
import type { Verb } from "./commands/verb.ts";
import { configOverrides } from "./config-overrides.ts";
import { homeFolder } from "./home-folder.ts";
import type { Outside } from "./outside.ts";
import type { Paint } from "./render/paint.ts";

/** One call of a verb: its words and flags, and the ways to what it needs, each opened when it is used. */
export interface Call {
  readonly outside: Outside;
  readonly verb: Verb;
  /** Every verb there is, loaded when asked. */
  readonly everyVerb: () => Promise<readonly Verb[]>;
  /** Arguments as given, in order. */
  readonly words: readonly string[];
  /** For talk on stderr. */
  readonly talkPaint: Paint;
  readonly reporter: () => Reporter;
  /** Values of a flag, from the command line, else from its variable. */
  readonly texts: (flag: Flag) => FlagTexts | undefined;
}

export interface FlagTexts {
  /** The flag or the variable: for errors. */
  readonly said: string;
  readonly fromCommandLine: boolean;
  readonly texts: readonly string[];
}

/** A variable that is set but empty counts as not set. */
export function fromVariable(outside: Outside, flag: Flag): FlagTexts | undefined {
  const value = outside.env[flag.env];
  if (value === undefined || value === "") return undefined;
  const texts = flag.repeats ? value.split("\n").filter((line) => line !== "") : [value];
  return { said: flag.env, fromCommandLine: false, texts };
}

/** The argument at `index`; empty where an optional one was left out. */
export function word(call: Call, index: number): string {
  return call.words[index] ?? "";
}

export function isOn(call: Call, flag: Flag<boolean>): boolean {
  return flagValue(call, flag) ?? false;
}

export function flagValue<Value>(call: Call, flag: Flag<Value>): Value | undefined {
  return flagValues(call, flag).at(-1);
}

export function flagValues<Value>(call: Call, flag: Flag<Value>): readonly Value[] {
  const given = call.texts(flag);
  return given === undefined ? [] : given.texts.map((text) => flag.parse(text, given.said));
}

export function operatorOf(call: Call): Promise<Operator> {
  return call.outside.operator(call.reporter());
}

export function publisherOf(call: Call): Promise<Publisher> {
  return call.outside.publisher(call.reporter());
}

export function homeRequest(call: Call): HomeRequest {
  return { home: homeFolder(call), config: configOverrides(call.outside.env) };
}

export function changeRequest(call: Call): ChangeRequest {
  return { ...homeRequest(call), dryRun: isOn(call, DRY_RUN) };
}

export function networkRequest(call: Call): NetworkRequest {
  return {
    ...changeRequest(call),
    offline: isOn(call, OFFLINE),
    allowHttp: isOn(call, ALLOW_HTTP),
    allowExpired: flagValue(call, ALLOW_EXPIRED),
    noDeltas: isOn(call, NO_DELTAS),
  };
}

/** Talk, on stderr; nothing under -q. */
export function say(call: Call, text: string): void {
  if (!isOn(call, QUIET) && text !== "") call.outside.stderr.write(text);
}

/** Somebody to ask; undefined where nothing may wait for an answer: no terminal, or a program that reads --json. */
export async function personOf(call: Call): Promise<Prompter | undefined> {
  return mayAsk(call) ? call.outside.prompter() : undefined;
}

/** As `personOf`, for questions that --yes answers. */
export async function personToConfirm(call: Call): Promise<Prompter | undefined> {
  return isOn(call, YES) ? undefined : personOf(call);
}

function mayAsk(call: Call): boolean {
  return call.outside.interactive && !isOn(call, JSON_DOCUMENT);
}

/** Errors: `confirmation-required` where this cannot be taken back, nobody said yes and nobody can be asked. */
export function requireConsent(call: Call, what: string): void {
  if (isOn(call, DRY_RUN) || isOn(call, YES) || mayAsk(call)) return;
  throw new EngineryError("confirmation-required", `${what} cannot be taken back, and nobody is here to confirm it.`, {
    hint: "Say it again with --yes, or look first with --dry-run.",
  });
}

/** Asks a person where there is one. Errors: `refused` where the answer is no. */
export async function confirm(call: Call, question: string, byDefault = true): Promise<void> {
  const person = await personToConfirm(call);
  if (person === undefined || (await person.confirm(question, byDefault))) return;
  throw new EngineryError("refused", "The answer was no; nothing was changed.", {
    hint: "Look without changing anything: --dry-run.",
  });
}
