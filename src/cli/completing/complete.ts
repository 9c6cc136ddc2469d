import type { Reporter } from "../../ops/world.ts";
import { fromVariable } from "../call.ts";
import { SHORT_VERBS } from "../commands/short.ts";
import type { Verb } from "../commands/verb.ts";
import { homeFolder } from "../home-folder.ts";
import type { Outside } from "../outside.ts";
import { verbOf } from "../verb-of.ts";
import { type AskedName, askedName } from "./asked-name.ts";
import { insertedByBash } from "./inserted.ts";
import { readTypedLine } from "./typed-line.ts";

const NOBODY: Reporter = {
  note: () => {},
  warn: () => {},
  progress: () => ({ advance: () => {}, [Symbol.dispose]: () => {} }),
};

/**
 * `__complete SHELL LINE [FRAGMENT]`: prints what may stand at the end of LINE, one a line. Writes nothing, asks nobody, and whatever goes wrong
 * prints nothing: it is called between two keys. Cost: the newest generation, and what the kind of name needs.
 */
export async function complete(outside: Outside): Promise<0> {
  const [, shell = "", line = "", fragment = ""] = outside.argv;
  try {
    const found = await inserted(outside, shell, line, fragment);
    outside.stdout.write(found.map((each) => `${each}\n`).join(""));
  } catch {
    // who asked cannot be told: there is a half-written line on the terminal
  }
  return 0;
}

async function inserted(outside: Outside, shell: string, line: string, fragment: string): Promise<readonly string[]> {
  const typed = readTypedLine(line, outside.env);
  if (typed === undefined) return [];
  const words = typed.words.slice(1);
  const verb = verbOf(SHORT_VERBS, words) ?? verbOf(await everyVerb(), words);
  const asked = verb === undefined ? undefined : askedName(verb, words, typed.last);
  if (asked === undefined) return [];
  const names = await namesOf({ ...outside, env: { ...outside.env, ...typed.env } }, asked);
  const fitting = begunBy(names, asked);
  if (shell !== "bash") return fitting;
  return fitting.flatMap((name) => insertedByBash(`${asked.before}${name}`, typed.last, fragment) ?? []);
}

async function everyVerb(): Promise<readonly Verb[]> {
  return (await import("../commands/table.ts")).VERBS;
}

async function namesOf(outside: Outside, { kind, given, said }: AskedName): Promise<readonly string[]> {
  const home = homeFolder({ outside, texts: (flag) => given.get(flag.name) ?? fromVariable(outside, flag) });
  const [engine, version] = (said.get("release") ?? "").split("@");
  const operator = await outside.operator(NOBODY);
  return await operator.names({ home, kind, engine: engine || undefined, version, tenant: said.get("tenant") });
}

/** Where a version may be left out: engines, and of the only one that fits its versions too, so that no shell takes the word for whole. */
function begunBy(names: readonly string[], { begun, engineAlone }: AskedName): readonly string[] {
  const fits = (name: string) => name.startsWith(begun) && !name.startsWith("-");
  const engines = engineAlone ? [...new Set(names.map((name) => name.split("@")[0] ?? ""))].filter(fits) : [];
  const withVersion = engines.length < 2 || engines.includes(begun);
  return [...engines, ...(withVersion ? names.filter(fits) : [])];
}
