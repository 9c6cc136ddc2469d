import type { Guard, InputRule } from "./model/manifest.ts";

/** A file that an argument names, and what it must hold. */
export interface NamedInput {
  readonly after: string;
  readonly file: string;
  readonly rules: readonly InputRule[];
}

/** The files that these arguments name and a guard has rules for: each time its option is given, once. */
export function namedInputs({ inputs = [] }: Guard, args: readonly string[]): readonly NamedInput[] {
  const options = new Set(inputs.map(({ after }) => after));
  return [...options].flatMap((after) => {
    const rules = inputs.filter((rule) => rule.after === after);
    return filesAfter(after, args).map((file) => ({ after, file, rules }));
  });
}

function filesAfter(option: string, args: readonly string[]): readonly string[] {
  return args.flatMap((argument, at) => {
    const next = args[at + 1];
    if (argument === option) return next === undefined ? [] : [next];
    return option.startsWith("--") && argument.startsWith(`${option}=`) ? [argument.slice(option.length + 1)] : [];
  });
}

/** How many bytes of a file's beginning these rules ask for, and from where: what a reader must bring. */
export function bytesAskedFor({ offset, bytes }: InputRule): { readonly offset: number; readonly count: number } {
  return { offset, count: Math.max(...bytes.map((hex) => hex.length / 2)) };
}

/** `found`: what stands at the rule's offset, in lower-case hex; shorter where the file ends. */
export function holds({ bytes }: InputRule, found: string): boolean {
  return bytes.some((hex) => found.startsWith(hex));
}
