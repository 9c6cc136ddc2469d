import type { Flag } from "../commands/flag.ts";
import { GLOBAL_FLAGS } from "../commands/global-flags.ts";
import { flagsOf, type Verb } from "../commands/verb.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { type CompletionModel, type Shell, spellings } from "./model.ts";
import { powershellScript } from "./powershell.ts";
import { zshScript } from "./zsh.ts";

/** Where each lies in templates/completions. */
export const SCRIPT_FILES: Readonly<Record<Shell, string>> = {
  bash: "enginery.bash",
  zsh: "_enginery",
  fish: "enginery.fish",
  powershell: "enginery.ps1",
};

/** The completions for a shell, made from the table of verbs. */
export function completionScript(shell: Shell, verbs: readonly Verb[]): string {
  const model = modelOf(verbs);
  switch (shell) {
    case "bash":
      return bashScript(model);
    case "zsh":
      return zshScript(model);
    case "fish":
      return fishScript(model);
    case "powershell":
      return powershellScript(model);
  }
}

function modelOf(verbs: readonly Verb[]): CompletionModel {
  const families = [...new Set(verbs.filter((verb) => verb.words.length > 1).map((verb) => verb.words[0]))];
  const known = verbs.map((verb) => ({ path: verb.words.join(" "), doc: verb.summary, flags: flagsOf(verb), verb }));
  const bare = families
    .filter((family) => !known.some((each) => each.path === family))
    .map((family) => ({ path: family, doc: `The verbs of ${family}.`, flags: GLOBAL_FLAGS, verb: undefined }));
  const help = { path: "help", doc: "What a verb does and takes.", flags: GLOBAL_FLAGS, verb: undefined };
  const flags: readonly Flag[] = [...GLOBAL_FLAGS, ...verbs.flatMap(flagsOf)];
  return {
    verbs: [...known, ...bare, help].map(({ path, doc, flags: own, verb }) => ({
      path,
      doc,
      flags: own,
      words: verb?.arguments.flatMap((argument) => argument.choices ?? []) ?? [],
      names: verb?.arguments.some((argument) => argument.names !== undefined) ?? false,
      places: verb?.arguments.find((argument) => argument.kind !== undefined)?.kind,
    })),
    withValue: [...new Set(flags.filter(({ value }) => value !== undefined).flatMap(spellings))],
    globals: GLOBAL_FLAGS,
  };
}
