/** Asks a person. Made only where there is a terminal; elsewhere nothing ever waits for an answer. */
export interface Prompter {
  confirm(question: string, byDefault: boolean): Promise<boolean>;
  choose(
    question: string,
    choices: readonly { readonly name: string; readonly value: string }[],
  ): Promise<readonly string[]>;
  password(question: string): Promise<string>;
}
