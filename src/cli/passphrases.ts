import { EngineryError } from "../core/errors.ts";
import type { PassphraseSource } from "../ops/publisher.ts";
import { type Call, flagValue, personOf } from "./call.ts";
import { PASSPHRASE_FILE } from "./commands/shared-flags.ts";
import { printable } from "./render/paint.ts";

/** Never a flag: a command line is read by everybody on the machine. */
export const PASSPHRASE_VARIABLE = "ENGINERY_PASSPHRASE";

/** For key files: --passphrase-file, else the variable, else a person on a terminal, else none. `making`: ask twice. */
export function passphraseSource(call: Call, making: boolean): PassphraseSource {
  return async (what) => {
    const file = flagValue(call, PASSPHRASE_FILE);
    if (file !== undefined) return firstLine(call, file);
    const variable = call.outside.env[PASSPHRASE_VARIABLE];
    if (variable) return variable;
    return askPerson(call, what, making);
  };
}

async function firstLine(call: Call, file: string): Promise<string> {
  const content = new TextDecoder().decode(await call.outside.readFile(call.outside.absolutePath(file)));
  const line = content.split(/\r?\n/)[0] ?? "";
  if (line !== "") return line;
  throw new EngineryError("usage", "The first line of the passphrase file is empty.", { context: { file } });
}

async function askPerson(call: Call, what: string, making: boolean): Promise<string | undefined> {
  const person = await personOf(call);
  if (person === undefined) return undefined;
  const none = making ? " (empty: none)" : "";
  const answer = await person.password(`Passphrase for ${printable(what)}${none}`);
  if (answer === "") return undefined;
  if (making && (await person.password("The same again")) !== answer) {
    throw new EngineryError("usage", "The two passphrases differ; nothing was changed.");
  }
  return answer;
}
