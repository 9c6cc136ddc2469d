/** Longest text that a message repeats. */
const MAX_SHOWN = 120;

/** Foreign text for a message: quoted, cut to `maxShown` characters, and without anything that a terminal would act on or hide. */
export function quote(text: string, maxShown = MAX_SHOWN): string {
  const shown = text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
  return `"${visible(shown.replace(/["\\]/g, "\\$&"))}"`;
}

/** The same text, with an escape for each character that a terminal would act on or hide. */
export function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
