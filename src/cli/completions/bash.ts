import type { Flag } from "../commands/flag.ts";
import {
  type CompletionModel,
  type CompletionVerb,
  HELP_SPELLINGS,
  lastWord,
  nextWords,
  ownFlagsWithValue,
  spellings,
  wordsAfter,
} from "./model.ts";

/** Needs bash 3.2 and nothing else. Names of the home are asked of the command, which knows where bash divides a word. */
export function bashScript(model: CompletionModel): string {
  return `# bash completions for enginery; made by \`enginery completion bash\`.
_enginery() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} verb='' word skip='' flags='' words='' places='' names='' i
  [[ $cur != = ]] || cur=''
  [[ $prev != = ]] || prev=\${COMP_WORDS[COMP_CWORD - 2]}
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == = ]]; then continue; fi
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
    --) compopt -o default 2>/dev/null; return ;;
    ${model.withValue.join(" | ")}) skip=1; continue ;;
    -*) continue ;;
    esac
    case "\${verb:+$verb }$word" in
    ${model.verbs.map((verb) => `'${verb.path}'`).join(" | ")}) verb="\${verb:+$verb }$word" ;;
    esac
  done
  case "$verb $prev" in
${valueCases(model).join("\n")}
  esac
  case $verb in
  '')
    flags='${words(model.globals.flatMap(spellings))} --version -V'
    words='${words(nextWords(model, "").map((verb) => lastWord(verb.path)))}' ;;
${model.verbs.map((verb) => verbCase(model, verb)).join("\n")}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
    return
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ -z $names ]] || _enginery_names "$2"
  [[ -z $places || \${#COMPREPLY[@]} -gt 0 ]] || _enginery_places "$places" "$cur"
}
_enginery_names() {
  local command=enginery found
  case \${COMP_WORDS[0]} in
  '~/'*) command=$HOME/\${COMP_WORDS[0]:2} ;;
  */*) command=\${COMP_WORDS[0]} ;;
  esac
  while IFS= read -r found; do
    COMPREPLY+=("$found")
  done < <("$command" __complete bash "\${COMP_LINE:0:COMP_POINT}" "$1" 2>/dev/null </dev/null)
}
_enginery_places() {
  local found
  compopt -o filenames 2>/dev/null
  while IFS= read -r found; do
    COMPREPLY+=("$found")
  done < <(compgen "$1" -- "$2")
}
# bash before 4 has no compopt: there every word is quoted as a file's name
if type compopt >/dev/null 2>&1; then complete -F _enginery enginery; else complete -o filenames -F _enginery enginery; fi
`;
}

/** Flags of every verb, then those of each: the same name may mean another thing with another verb. */
function valueCases(model: CompletionModel): readonly string[] {
  const everywhere = model.globals.filter((flag) => flag.value !== undefined);
  const own = new Map<string, string[]>();
  for (const verb of model.verbs) {
    for (const flag of ownFlagsWithValue(model, verb)) {
      const action = valueAction(flag);
      own.set(action, [...(own.get(action) ?? []), `'${verb.path} --${flag.name}'`]);
    }
  }
  return [
    ...everywhere.map((flag) => `  *' --${flag.name}') ${valueAction(flag)}return ;;`),
    ...[...own].map(([action, patterns]) => `  ${patterns.join(" | ")}) ${action}return ;;`),
  ];
}

function valueAction(flag: Flag): string {
  if (flag.choices !== undefined) return `COMPREPLY=($(compgen -W '${flag.choices.join(" ")}' -- "$cur")); `;
  if (flag.names !== undefined) return '_enginery_names "$2"; ';
  if (flag.kind !== undefined) return `_enginery_places ${placesOf(flag.kind)} "$cur"; `;
  return "";
}

function verbCase(model: CompletionModel, verb: CompletionVerb): string {
  const places = verb.places === undefined ? "" : `\n    places='${placesOf(verb.places)}'`;
  const names = verb.names ? "\n    names=1" : "";
  return `  '${verb.path}')
    flags='${words([...verb.flags.flatMap(spellings), ...HELP_SPELLINGS])}'
    words='${words(wordsAfter(model, verb))}'${places}${names} ;;`;
}

function placesOf(kind: "file" | "folder"): string {
  return kind === "file" ? "-f" : "-d";
}

function words(list: readonly string[]): string {
  return list.join(" ");
}
