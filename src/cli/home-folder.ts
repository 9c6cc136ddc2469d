import { EngineryError } from "../core/errors.ts";
import type { Call } from "./call.ts";
import { HOME, SYSTEM } from "./commands/global-flags.ts";

const SYSTEM_HOME = "/var/lib/enginery";

/** Absolute path of the home: what was said on the command line, then in the environment, then the default of docs/CLI.md. */
export function homeFolder(call: Call): string {
  const home = call.texts(HOME);
  const system = call.texts(SYSTEM);
  const wantsSystem = system !== undefined && SYSTEM.parse(system.texts.at(-1) ?? "", system.said);
  if (wantsSystem && system.fromCommandLine && home?.fromCommandLine) {
    throw new EngineryError("usage", "--home and --system name two homes.", { hint: "Give one of them." });
  }
  const systemWins = wantsSystem && (home === undefined || (system.fromCommandLine && !home.fromCommandLine));
  if (systemWins) return SYSTEM_HOME;
  const folder = home?.texts.at(-1);
  return call.outside.absolutePath(folder === undefined ? defaultHome(call) : HOME.parse(folder, home?.said ?? ""));
}

function defaultHome({ outside: { env, system } }: Call): string {
  const local = env["LOCALAPPDATA"];
  if (system === "win32" && local) return `${local}\\enginery`;
  // The XDG specification has relative paths ignored.
  const data = env["XDG_DATA_HOME"];
  if (data?.startsWith("/")) return `${data}/enginery`;
  const person = env["HOME"];
  if (person) return `${person}/.local/share/enginery`;
  throw new EngineryError("usage", "Nothing says where the home is: HOME is not set.", { hint: "Give --home DIR." });
}
