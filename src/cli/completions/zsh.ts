import type { Flag } from "../commands/flag.ts";
import { type CompletionModel, type CompletionVerb, lastWord, nextWords } from "./model.ts";

/** For a folder in fpath. */
export function zshScript(model: CompletionModel): string {
  return `#compdef enginery
# zsh completions for enginery; made by \`enginery completion zsh\`.
_enginery() {
  local verb='' word skip='' command=\${(Q)words[1]} begun=$QIPREFIX$IPREFIX$PREFIX
  local typed="\${(j: :)words[1,CURRENT-1]} $begun"
  integer i at=1
  local -a specs following before=(\${(z)LBUFFER})
  # variables that are set for this line alone
  for ((i = $#before - CURRENT + ($#begun == 0); i > 0; i--)); do
    [[ $before[i] == [A-Za-z_]*=* ]] || break
    typed="$before[i] $typed"
  done
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
      --) _normal; return ;;
      ${model.withValue.join("|")}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "\${verb:+$verb }$word" in
      ${model.verbs.map((verb) => quoted(verb.path)).join("|")}) verb="\${verb:+$verb }$word"; at=$i ;;
    esac
  done
  case $verb in
    '')
      specs=(
${specsOf(model.globals)}
        ${quoted("(-V --version)--version[Print the version.]")}
      )
      following=(
${nextWords(model, "").map(described).join("\n")}
      ) ;;
${model.verbs.map((verb) => verbCase(model, verb)).join("\n")}
  esac
  words=("\${(@)words[at,-1]}")
  (( CURRENT -= at - 1 ))
  if (( $#following )); then specs+=('1:word:_enginery_next'); fi
  _arguments -s : $specs
}
_enginery_next() { _describe 'word' following }
_enginery_names() {
  local -a found
  case $command in
    '~/'*) command=$HOME/\${command#??} ;;
    */*) ;;
    *) command=enginery ;;
  esac
  found=(\${(f)"$("$command" __complete zsh "$typed" 2>/dev/null </dev/null)"})
  (( $#found )) && compadd -a found
}
if [[ $funcstack[1] == _enginery ]]; then _enginery "$@"; else compdef _enginery enginery; fi
`;
}

function verbCase(model: CompletionModel, verb: CompletionVerb): string {
  const follow = verb.path === "help" ? nextWords(model, "") : nextWords(model, verb.path);
  const names = verb.names ? ["        '*:name:_enginery_names'"] : [];
  const next = [...follow.map(described), ...verb.words.map((word) => `        ${quoted(word)}`)];
  const rest = verb.path === "exec" ? ["        '1:name:_enginery_names'", "        '*::engine:_normal'"] : names;
  const places = verb.places === undefined ? rest : [`        '1:${verb.places}:${action(verb.places)}'`, ...names];
  return `    ${quoted(verb.path)})
      specs=(
${[specsOf(verb.flags), "        '(-h --help)'{-h,--help}'[Print help.]'", ...places].join("\n")}
      )
      following=(
${next.join("\n")}
      ) ;;`;
}

function specsOf(flags: readonly Flag[]): string {
  return flags.map((flag) => `        ${specOf(flag)}`).join("\n");
}

/** As _arguments takes it: `(-n --dry-run){-n,--dry-run}[doc]:VALUE:action`. */
function specOf(flag: Flag): string {
  const value = flag.value === undefined ? "" : `:${plain(flag.value)}:${valueAction(flag)}`;
  const rest = quoted(`[${plain(flag.doc)}]${value}`);
  const star = flag.repeats ? "*" : "";
  const name = flag.value === undefined ? `--${flag.name}` : `--${flag.name}=`;
  if (flag.short === undefined) return `${quoted(`${star}${name}`)}${rest}`;
  return `${quoted(`(-${flag.short} --${flag.name})`)}{-${flag.short},${name}}${rest}`;
}

function valueAction(flag: Flag): string {
  if (flag.choices !== undefined) return `(${flag.choices.join(" ")})`;
  if (flag.names !== undefined) return "_enginery_names";
  return flag.kind === undefined ? " " : action(flag.kind);
}

function action(kind: "file" | "folder"): string {
  return kind === "file" ? "_files" : "_files -/";
}

function described(verb: CompletionVerb): string {
  return `        ${quoted(`${lastWord(verb.path)}:${verb.doc.replaceAll(":", "\\:")}`)}`;
}

function plain(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, (character) => `\\${character}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
