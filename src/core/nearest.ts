/** The one of `known` that takes the fewest single-letter edits from `text`, ignoring case; the first of several. */
export function nearest(text: string, known: readonly string[]): string | undefined {
  const shown = text.slice(0, 64).toLowerCase();
  let best: { word: string; edits: number } | undefined;
  for (const word of known) {
    const edits = distance(shown, word.toLowerCase());
    if (best === undefined || edits < best.edits) best = { word, edits };
  }
  return best?.word;
}

/** Levenshtein's, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const swap = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
