import { word } from "../call.ts";
import { SHELLS } from "../completions/model.ts";
import { oneOf } from "./values.ts";
import type { Verb } from "./verb.ts";

export const COMPLETION: Verb = {
  words: ["completion"],
  group: "Enginery",
  summary: "Print the completions for a shell.",
  arguments: [{ name: "SHELL", choices: SHELLS, doc: "bash, zsh, fish or powershell." }],
  flags: [],
  examples: [
    {
      line: "enginery completion bash > ~/.local/share/bash-completion/completions/enginery",
      doc: "For good, in bash.",
    },
    { line: "enginery completion powershell | Out-String | Invoke-Expression", doc: "For this session of PowerShell." },
  ],
  json: "{shell, script}",
  run: async (call) => {
    const shell = oneOf(SHELLS)(word(call, 0), "SHELL");
    const { completionScript } = await import("../completions/script.ts");
    const script = completionScript(shell, await call.everyVerb());
    return { document: { shell, script }, text: () => script };
  },
};
