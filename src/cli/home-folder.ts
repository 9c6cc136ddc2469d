import { EngineryError } from "../core/errors.ts";
import { SYSTEM_LEASES } from "../core/lease-folder.ts";
import type { Call } from "./call.ts";
import { HOME, SYSTEM } from "./commands/global-flags.ts";

const SYSTEM_HOME = "/var/lib/enginery";
/** Elsewhere there is no such folder that a boot empties: leases lie in the home. */
const HAS_RUN = "linux";

/** What says which home is meant. */
type Said = Pick<Call, "outside" | "texts">;

/** Absolute path of the home: what was said on the command line, then in the environment, then the default of docs/CLI.md. */
export function homeFolder(call: Said): string {
  const { home, isSystem } = saidOf(call);
  if (isSystem) return SYSTEM_HOME;
  const folder = home?.texts.at(-1);
  return call.outside.absolutePath(folder === undefined ? defaultHome(call) : HOME.parse(folder, home?.said ?? ""));
}

/** Where leases are to lie in a home that `install` makes; undefined: in it. */
export function leasesFolder(call: Call): string | undefined {
  return call.outside.system === HAS_RUN && saidOf(call).isSystem ? SYSTEM_LEASES : undefined;
}

/** Whether it is the home of the whole machine that is meant. */
export function isWide(call: Call): boolean {
  return saidOf(call).isSystem;
}

function saidOf(call: Said) {
  const home = call.texts(HOME);
  const system = call.texts(SYSTEM);
  const wantsSystem = system !== undefined && SYSTEM.parse(system.texts.at(-1) ?? "", system.said);
  if (wantsSystem && system.fromCommandLine && home?.fromCommandLine) {
    throw new EngineryError("usage", "--home and --system name two homes.", { hint: "Give one of them." });
  }
  const isSystem = wantsSystem && (home === undefined || (system.fromCommandLine && !home.fromCommandLine));
  return { home, isSystem };
}

function defaultHome({ outside: { env, system } }: Said): string {
  const local = env["LOCALAPPDATA"];
  if (system === "win32" && local) return `${local}\\enginery`;
  // The XDG specification has relative paths ignored.
  const data = env["XDG_DATA_HOME"];
  if (data?.startsWith("/")) return `${data}/enginery`;
  const person = env["HOME"];
  if (person) return `${person}/.local/share/enginery`;
  throw new EngineryError("usage", "Nothing says where the home is: HOME is not set.", { hint: "Give --home DIR." });
}
