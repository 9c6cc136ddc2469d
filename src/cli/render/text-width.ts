/** How text is set: `mono` for versions and epochs, `sans` for words. */
export type Face = "mono" | "sans" | "bold";

const MONO = 0.605;
const BOLD = 1.12;
/** Parts of the font's size, of the widest of the usual fonts: on most screens a text is narrower than said here. */
const SANS: readonly (readonly [RegExp, number])[] = [
  [/[ijlI.,:;|!'·]/u, 0.34],
  [/[ frt()[\]/-]/u, 0.42],
  [/[mwMW@%…—]/u, 0.98],
  [/[A-Z]/u, 0.74],
  [/[\p{ASCII}]/u, 0.64],
];
/** Ideographs and emoji are as wide as they are high. */
const OTHERS = 1.05;

/** Pixels that `text` takes at that size, rather too many than too few. Cost: one look a character. */
export function textWidth(text: string, size: number, face: Face): number {
  if (face === "mono" && /^\p{ASCII}*$/u.test(text)) return text.length * MONO * size;
  const parts = Array.from(text, (character) => SANS.find(([kind]) => kind.test(character))?.[1] ?? OTHERS);
  return parts.reduce((sum, part) => sum + part, 0) * size * (face === "bold" ? BOLD : 1);
}

/** Lines of whole words that are at most `width` wide; a word that is wider stands alone. */
export function wrapped(text: string, width: number, size: number, face: Face): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && textWidth(`${line} ${word}`, size, face) <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Cut in the middle: of long versions the end tells them apart. */
export function shortened(text: string, most: number, mark = "…"): string {
  if (text.length <= most) return text;
  const tail = Math.floor((most - mark.length) / 3);
  return `${text.slice(0, most - mark.length - tail)}${mark}${text.slice(text.length - tail)}`;
}
