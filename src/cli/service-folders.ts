import { EngineryError } from "../core/errors.ts";
import type { ServiceManager } from "../ops/operator.ts";
import type { Call } from "./call.ts";

/** Where a manager looks for its files, and where what is started may write what it says. */
export function serviceFolders(
  call: Call,
  manager: ServiceManager,
  wide: boolean,
  home: string,
): { readonly files: string; readonly logs: string } {
  const { env } = call.outside;
  // systemd and launchd have a journal or a folder of their own; a task's files lie beside the home, and Windows takes a copy
  if (manager === "task") return { files: `${home}-services`, logs: home };
  if (wide && manager === "systemd") return { files: "/etc/systemd/system", logs: "/var/log" };
  if (wide) return { files: "/Library/LaunchDaemons", logs: "/Library/Logs" };
  const person = env["HOME"];
  if (!person) {
    throw new EngineryError("usage", "Nothing says where the files go: HOME is not set.", {
      hint: "Give --folder DIR.",
    });
  }
  if (manager === "launchd") return { files: `${person}/Library/LaunchAgents`, logs: `${person}/Library/Logs` };
  // The XDG specification has relative paths ignored.
  const config = env["XDG_CONFIG_HOME"]?.startsWith("/") ? env["XDG_CONFIG_HOME"] : `${person}/.config`;
  return { files: `${config}/systemd/user`, logs: person };
}
