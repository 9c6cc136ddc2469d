/** The value below which that part of them lies; NaN for none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.round((sorted.length - 1) * part)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** `1.02 (0.98 to 1.10)`: median and quartiles. */
export function spread(values: readonly number[], digits = 2): string {
  if (values.length === 0) return "";
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(values, part).toFixed(digits));
  return values.length === 1 ? `${middle}` : `${middle} (${low} to ${high})`;
}
