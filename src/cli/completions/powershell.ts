import type { Flag } from "../commands/flag.ts";
import { type CompletionModel, HELP_SPELLINGS, lastWord, nextWords, spellings } from "./model.ts";

/** For a profile of PowerShell 5.1 or later. */
export function powershellScript(model: CompletionModel): string {
  const withValue = model.flags.filter((flag) => flag.value !== undefined);
  return `# PowerShell completions for enginery; made by \`enginery completion powershell\`.
Register-ArgumentCompleter -Native -CommandName enginery -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $flags = @{
    '' = @(${list([...model.globals.flatMap(spellings), "--version", "-V", ...HELP_SPELLINGS])})
${model.verbs.map((verb) => `    ${quoted(verb.path)} = @(${list([...verb.flags.flatMap(spellings), ...HELP_SPELLINGS])})`).join("\n")}
  }
  $words = @{
    '' = @(${list(nextWords(model, "").map((verb) => lastWord(verb.path)))})
${model.verbs.map((verb) => `    ${quoted(verb.path)} = @(${list(follow(model, verb))})`).join("\n")}
  }
  $values = @{
${withValue.map((flag) => `    ${quoted(`--${flag.name}`)} = @(${list(flagValues(flag))})`).join("\n")}
  }
  $verb = ''
  $before = ''
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    if ($element.Extent.EndOffset -ge $cursorPosition) { break }
    $word = $element.Extent.Text
    if (-not $values.ContainsKey($before) -and -not $word.StartsWith('-')) {
      $longer = if ($verb -eq '') { $word } else { "$verb $word" }
      if ($flags.ContainsKey($longer)) { $verb = $longer }
    }
    $before = $word
  }
  if ($values.ContainsKey($before)) { $candidates = $values[$before] }
  elseif ($wordToComplete.StartsWith('-')) { $candidates = $flags[$verb] }
  else { $candidates = $words[$verb] }
  $candidates | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}

function follow(model: CompletionModel, verb: CompletionModel["verbs"][number]): readonly string[] {
  const next = verb.path === "help" ? nextWords(model, "") : nextWords(model, verb.path);
  return [...next.map((each) => lastWord(each.path)), ...verb.words];
}

function flagValues(flag: Flag): readonly string[] {
  return flag.choices ?? [];
}

function list(words: readonly string[]): string {
  return words.map(quoted).join(", ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
