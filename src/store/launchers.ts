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
  return fill(LAUNCHER_CMD, { HOME: home, ENGINE: engine, ENTRY: flag, COMMAND: command }, forBatch).replaceAll(
    "\n",
    "\r\n",
  );
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

/** Paths on Windows hold no quotes; a percent sign would be a variable. */
function forBatch(text: string): string {
  return text.replaceAll("%", "%%");
}
