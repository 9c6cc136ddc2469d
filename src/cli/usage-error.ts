import type { CommanderError } from "commander";
import { EngineryError } from "../core/errors.ts";

/** Flags that had another name: `--force` takes a reason wherever it is one. */
const RENAMED: Readonly<Record<string, string>> = {
  "service install --force": "--changed-too",
  "service remove --force": "--changed-too",
};

/** The parser's complaint as ours: what is wrong, and what was probably meant. `verb` may be the word of a family alone: `service`. */
export function usageError(error: CommanderError, verb: string): EngineryError {
  const [first = "", ...more] = error.message.split("\n");
  const quoted = /'([^']*)'/.exec(first)?.[1] ?? "";
  const meant = /\(Did you mean (?:one of )?(.*)\?\)/.exec(more.join("\n"))?.[1];
  const help = `See \`${["enginery help", verb].join(" ").trim()}\`.`;
  const isVerb = error.code === "commander.unknownCommand" && verb !== "";
  const renamed = RENAMED[`${verb} ${quoted}`] ?? (isVerb && meant !== undefined ? `${verb} ${meant}` : meant);
  const hint = renamed === undefined ? help : `Did you mean ${renamed}? ${help}`;
  return new EngineryError("usage", sentence(error.code, isVerb ? `${verb} ${quoted}` : quoted, first), {
    hint,
    cause: error,
  });
}

function sentence(code: string, quoted: string, otherwise: string): string {
  switch (code) {
    case "commander.unknownCommand":
      return `There is no verb ${quoted}.`;
    case "commander.unknownOption":
      return `There is no flag ${quoted} here.`;
    case "commander.missingArgument":
      return `${quoted} is missing.`;
    case "commander.optionMissingArgument":
      return `${quoted.replaceAll(/[<>]/g, "")} needs its value.`;
    case "commander.excessArguments":
      return `There are more words than it takes: ${otherwise.slice(otherwise.lastIndexOf(": ") + 2).replace(/\.$/, "")}.`;
    default:
      return otherwise.replace(/^error: /, "");
  }
}
