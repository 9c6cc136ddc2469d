import {
  type CompletionModel,
  HELP_SPELLINGS,
  lastWord,
  nextWords,
  ownFlagsWithValue,
  spellings,
  wordsAfter,
} from "./model.ts";

/** For a profile of PowerShell 5.1 or later. */
export function powershellScript(model: CompletionModel): string {
  const everywhere = model.globals.filter((flag) => flag.value !== undefined);
  const own = model.verbs.flatMap((verb) => ownFlagsWithValue(model, verb).map((flag) => ({ verb, flag })));
  const named = own.filter(({ flag }) => flag.names !== undefined);
  return `# PowerShell completions for enginery; made by \`enginery completion powershell\`.
Register-ArgumentCompleter -Native -CommandName enginery -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $flags = @{
    '' = @(${list([...model.globals.flatMap(spellings), "--version", "-V", ...HELP_SPELLINGS])})
${model.verbs.map((verb) => `    ${quoted(verb.path)} = @(${list([...verb.flags.flatMap(spellings), ...HELP_SPELLINGS])})`).join("\n")}
  }
  $words = @{
    '' = @(${list(nextWords(model, "").map((verb) => lastWord(verb.path)))})
${model.verbs.map((verb) => `    ${quoted(verb.path)} = @(${list(wordsAfter(model, verb))})`).join("\n")}
  }
  $values = @{
${everywhere.map((flag) => `    ${quoted(`--${flag.name}`)} = @(${list(flag.choices ?? [])})`).join("\n")}
${own.map(({ verb, flag }) => `    ${quoted(`${verb.path} --${flag.name}`)} = @(${list(flag.choices ?? [])})`).join("\n")}
  }
  $withValue = @(${list(model.withValue)})
  $named = @(${list([...model.verbs.filter((verb) => verb.names).map(({ path }) => path), ...named.map(({ verb, flag }) => `${verb.path} --${flag.name}`)])})
  $verb = ''
  $before = ''
  $typed = @()
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    if ($element.Extent.EndOffset -ge $cursorPosition) { break }
    $word = if ($element.Value -is [string]) { $element.Value } else { $element.Extent.Text }
    $typed += $word
    if ($withValue -notcontains $before -and -not $word.StartsWith('-')) {
      $longer = if ($verb -eq '') { $word } else { "$verb $word" }
      if ($flags.ContainsKey($longer)) { $verb = $longer }
    }
    $before = $word
  }
  $place = if ($values.ContainsKey("$verb $before")) { "$verb $before" } elseif ($values.ContainsKey($before)) { $before } else { '' }
  if ($place -ne '') { $candidates = $values[$place] }
  elseif ($wordToComplete.StartsWith('-')) { $candidates = $flags[$verb] }
  else { $candidates = $words[$verb]; $place = $verb }
  $begun = $wordToComplete.Trim([char[]]"'""")
  if ($named -contains $place) {
    $command = $commandAst.GetCommandName()
    if ($command -notmatch '[\\\\/]') { $command = 'enginery' }
    $line = @('enginery') + $typed + @($begun) | ForEach-Object { "'" + $_.Replace("'", "'\\''") + "'" }
    try { $candidates = @($candidates) + @(& $command __complete powershell ($line -join ' ') 2>$null) } catch { }
  }
  $candidates | Where-Object { $_ -and $_.StartsWith($begun) } | ForEach-Object {
    $text = if ($_ -match '^[A-Za-z0-9._/:=+@-]+$' -and -not $_.StartsWith('@')) { $_ } else { "'" + $_.Replace("'", "''") + "'" }
    [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
  }
}
`;
}

function list(words: readonly string[]): string {
  return words.map(quoted).join(", ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
