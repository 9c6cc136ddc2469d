import type { Flag } from "../commands/flag.ts";
import { type CompletionModel, lastWord, nextWords } from "./model.ts";

/** Asked of the command when it is needed, and not when this is read. */
const NAMES = "'(__enginery_names)'";

/** For ~/.config/fish/completions. */
export function fishScript(model: CompletionModel): string {
  return `# fish completions for enginery; made by \`enginery completion fish\`.
function __enginery_verb
    set -l words (commandline -opc)
    set -l verb
    set -l skip
    for word in $words[2..-1]
        if test -n "$skip"
            set skip
            continue
        end
        switch $word
            case ${model.withValue.join(" ")}
                set skip 1
                continue
            case '-*'
                continue
        end
        switch (string join ' ' $verb $word)
            case ${model.verbs.map((verb) => quoted(verb.path)).join(" ")}
                set verb $verb $word
        end
    end
    string join ' ' $verb
end
function __enginery_at
    set -l verb (__enginery_verb)
    test "$verb" = "$argv[1]"
end
function __enginery_names
    set -l command enginery
    set -l words (commandline -opc)
    if string match -q '*/*' -- $words[1]; and not string match -q '*=*' -- $words[1]
        set command (string replace -r '^~/' "$HOME/" -- $words[1])
    end
    type -q $command; or return
    $command __complete fish "$(commandline -cp)" 2>/dev/null </dev/null
end
complete -c enginery -f
${nextWords(model, "")
  .map((verb) => wordLine("", lastWord(verb.path), verb.doc))
  .join("\n")}
complete -c enginery -n "__enginery_at ''" -s V -l version -d 'Print the version.'
complete -c enginery -s h -l help -d 'Print help.'
${model.globals.map((flag) => flagLine(undefined, flag)).join("\n")}
${model.verbs.flatMap((verb) => verbLines(model, verb)).join("\n")}
`;
}

function verbLines(model: CompletionModel, verb: CompletionModel["verbs"][number]): readonly string[] {
  const follow = verb.path === "help" ? nextWords(model, "") : nextWords(model, verb.path);
  return [
    ...follow.map((each) => wordLine(verb.path, lastWord(each.path), each.doc)),
    ...verb.words.map((word) => wordLine(verb.path, word, "")),
    ...(verb.names ? [`complete -c enginery -n ${at(verb.path)} -a ${NAMES}`] : []),
    ...(verb.places === undefined ? [] : [`complete -c enginery -n ${at(verb.path)} -F`]),
    ...verb.flags.filter((flag) => !model.globals.includes(flag)).map((flag) => flagLine(verb.path, flag)),
  ];
}

function wordLine(path: string, word: string, doc: string): string {
  return `complete -c enginery -n ${at(path)} -a ${quoted(word)}${doc === "" ? "" : ` -d ${quoted(doc)}`}`;
}

function flagLine(path: string | undefined, flag: Flag): string {
  const where = path === undefined ? "" : ` -n ${at(path)}`;
  const short = flag.short === undefined ? "" : ` -s ${flag.short}`;
  return `complete -c enginery${where}${short} -l ${flag.name} -d ${quoted(flag.doc)}${flagValue(flag)}`;
}

function flagValue(flag: Flag): string {
  if (flag.value === undefined) return "";
  if (flag.choices !== undefined) return ` -x -a ${quoted(flag.choices.join(" "))}`;
  if (flag.names !== undefined) return ` -x -a ${NAMES}`;
  return flag.kind === undefined ? " -x" : " -r -F";
}

function at(path: string): string {
  return `"__enginery_at '${path}'"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
