export function ceilTo(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
