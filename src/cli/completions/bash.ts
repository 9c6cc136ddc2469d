import { type CompletionModel, type CompletionVerb, HELP_SPELLINGS, lastWord, nextWords, spellings } from "./model.ts";

/** Needs bash 3.2 and nothing else. */
export function bashScript(model: CompletionModel): string {
  const withValue = model.flags.filter((flag) => flag.value !== undefined);
  const valueCases = withValue.map((flag) => {
    const choices = flag.choices === undefined ? undefined : `-W '${flag.choices.join(" ")}'`;
    const places = flag.kind === "file" ? "-f" : flag.kind === "folder" ? "-d" : undefined;
    const how = choices ?? places;
    return `    --${flag.name}) ${how === undefined ? "" : `COMPREPLY=($(compgen ${how} -- "$cur")); `}return ;;`;
  });
  return `# bash completions for enginery; made by \`enginery completion bash\`.
_enginery() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} verb='' word skip='' flags='' words='' places='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
    --) compopt -o default 2>/dev/null; return ;;
    ${withValue.map((flag) => `--${flag.name}`).join(" | ")}) skip=1; continue ;;
    -*) continue ;;
    esac
    case "\${verb:+$verb }$word" in
    ${model.verbs.map((verb) => `'${verb.path}'`).join(" | ")}) verb="\${verb:+$verb }$word" ;;
    esac
  done
  case $prev in
${valueCases.join("\n")}
  esac
  case $verb in
  '')
    flags='${words(model.globals.flatMap(spellings))} --version -V'
    words='${words(nextWords(model, "").map((verb) => lastWord(verb.path)))}' ;;
${model.verbs.map((verb) => verbCase(model, verb)).join("\n")}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    [[ -z $places ]] || COMPREPLY+=($(compgen "$places" -- "$cur"))
  fi
}
complete -o filenames -F _enginery enginery
`;
}

function verbCase(model: CompletionModel, verb: CompletionVerb): string {
  const follow = verb.path === "help" ? nextWords(model, "") : nextWords(model, verb.path);
  const next = [...follow.map((each) => lastWord(each.path)), ...verb.words];
  const places = verb.places === undefined ? "" : `\n    places='${verb.places === "file" ? "-f" : "-d"}'`;
  return `  '${verb.path}')
    flags='${words([...verb.flags.flatMap(spellings), ...HELP_SPELLINGS])}'
    words='${words(next)}'${places} ;;`;
}

function words(list: readonly string[]): string {
  return list.join(" ");
}
