import { EngineryError } from "../core/errors.ts";
import { type Call, flagValue } from "./call.ts";
import { RECEIPT } from "./commands/self-flags.ts";

/** Absolute path of the receipt: where install.sh writes it unless it is said. Errors: `usage`. */
export function receiptFile(call: Call): string {
  const { absolutePath, env, system } = call.outside;
  const said = flagValue(call, RECEIPT);
  if (said !== undefined) return absolutePath(said);
  const roaming = env["APPDATA"];
  if (system === "win32" && roaming) return `${roaming}\\enginery\\receipt.json`;
  // The XDG specification has relative paths ignored.
  const config = env["XDG_CONFIG_HOME"];
  if (config?.startsWith("/")) return `${config}/enginery/receipt.json`;
  const person = env["HOME"];
  if (person) return `${person}/.config/enginery/receipt.json`;
  throw new EngineryError("usage", "Nothing says where the receipt is: HOME is not set.", {
    hint: "Give --receipt FILE.",
  });
}
