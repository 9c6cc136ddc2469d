import type { Generation } from "../core/model/home.ts";
import { DEFAULT_ENTRY, executablesOf } from "./index-rows.ts";
import { LAUNCHER_CMD, LAUNCHER_SH } from "./launcher-text.ts";

export interface LauncherPlace {
  /** Absolute. */
  readonly home: string;
  /** Absolute path of the program to hand over to, where it is known. */
  readonly command: string | undefined;
  readonly windows: boolean;
}

/** File name in bin/ to text: one launcher an engine, and one for each other entry point whose name is nobody else's. */
export function launcherTexts(generation: Generation, place: LauncherPlace): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [name, { engine, entry }] of launchersOf(generation)) {
    texts.set(place.windows ? `${name}.cmd` : name, launcherText(engine, entry, place));
  }
  return texts;
}

interface Launcher {
  readonly engine: string;
  readonly entry: string;
}

function launchersOf({ installations }: Generation): ReadonlyMap<string, Launcher> {
  const launchers = new Map<string, Launcher>();
  const claims = new Map<string, Set<string>>();
  for (const installation of installations) {
    const { engine } = installation;
    for (const [entry] of executablesOf(engine, installation)) {
      const name = entry === DEFAULT_ENTRY ? engine : entry;
      claims.set(name, (claims.get(name) ?? new Set()).add(engine));
      if (entry === DEFAULT_ENTRY || name !== engine) launchers.set(name, { engine, entry });
    }
  }
  const engines = new Set(installations.map(({ engine }) => engine));
  for (const [name, { engine }] of launchers) {
    const isDisputed = (claims.get(name)?.size ?? 0) > 1;
    const isOtherEngine = name !== engine && engines.has(name);
    if (isDisputed ? !engines.has(name) : isOtherEngine) launchers.delete(name);
  }
  return launchers;
}

function launcherText(engine: string, entry: string, { home, command = "", windows }: LauncherPlace): string {
  if (!windows) return fill(LAUNCHER_SH, { HOME: home, ENGINE: engine, ENTRY: entry, COMMAND: command }, forShell);
  const flag = entry === DEFAULT_ENTRY ? "" : `--entry "${entry}" `;
  const [place, handsTo] = [home, command].map((path) => batchPath(path, home));
  const values = { HOME: place ?? "", ENGINE: engine, ENTRY: flag, COMMAND: handsTo ?? "" };
  return fill(LAUNCHER_CMD, values, (text) => text).replaceAll("\n", "\r\n");
}

function fill(template: string, values: Readonly<Record<string, string>>, quote: (text: string) => string): string {
  return template.replace(/@([A-Z]+)@/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : quote(value);
  });
}

/** Within single quotes. */
function forShell(text: string): string {
  return text.replaceAll("'", "'\\''");
}

/**
 * cmd reads a file in the console's code page, which takes letters beyond ASCII for others. A path that has some is said by the launcher's own
 * place, where what is left of it is plain then. Paths on Windows hold no quotes; a percent sign would be a variable.
 */
function batchPath(path: string, home: string): string {
  const isPlain = (text: string) => !/[\u0080-\uffff]/.test(text);
  const near = isPlain(path) ? undefined : pathFrom(`${home}\\bin`, path);
  return near !== undefined && isPlain(near) ? `%~dp0${near.replaceAll("%", "%%")}` : path.replaceAll("%", "%%");
}

/** Undefined for another drive's. */
function pathFrom(folder: string, path: string): string | undefined {
  const [from, to] = [folder, path].map((each) => each.split(/[\\/]/)) as [string[], string[]];
  const shared = from.findIndex((name, at) => name.toLowerCase() !== to[at]?.toLowerCase());
  if (shared === 0) return undefined;
  const up = from.slice(shared === -1 ? from.length : shared).map(() => "..");
  return [...up, ...to.slice(shared === -1 ? from.length : shared)].join("\\");
}
