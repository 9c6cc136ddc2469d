/** Longest text that a message repeats. */
const MAX_SHOWN = 120;

/** Foreign text for a message: quoted, cut, and without anything that a terminal would act on or hide. */
export function quote(text: string): string {
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  const escaped = shown.replace(/[\p{C}\p{Zl}\p{Zp}"\\]/gu, (character) =>
    character === '"' || character === "\\" ? `\\${character}` : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return `"${escaped}"`;
}
