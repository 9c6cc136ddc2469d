/** A line of a picture on which nothing may lie over something else. */
export class Row {
  readonly #taken: { readonly from: number; readonly to: number }[] = [];

  /** False, and nothing taken, where something is there. */
  take(from: number, to: number): boolean {
    if (this.#taken.some((other) => from < other.to && other.from < to)) return false;
    this.#taken.push({ from, to });
    return true;
  }
}

/** The middle of something `width` wide that is to be as near to `middle` as it can be within `left` to `right`. */
export function clamped(middle: number, width: number, left: number, right: number): number {
  return Math.max(left + width / 2, Math.min(right - width / 2, middle));
}
