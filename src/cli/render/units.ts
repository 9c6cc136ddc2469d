import type { TakenWay } from "../../ops/operator.ts";

/** `0 B`, `12.3 MiB`. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** `45 s`, `12 min`, `3 h`, `9 days`; below zero as zero. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** `1 file`, `3 files`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** The first digits of a hash, enough to tell by eye. */
export function short(hash: string): string {
  return hash.slice(0, 12);
}

/** `delta from 1.0.0, 5.4 MiB`, `archive, 42.6 MiB`: how a release comes. */
export function wayWords({ way, from, downloadBytes }: TakenWay, engine: string): string {
  if (way === "archive" || from === undefined) return `archive, ${bytes(downloadBytes)}`;
  const base = from.engine === engine ? from.version : `${from.engine} ${from.version}`;
  return way === "reuse" ? `all from ${base}` : `delta from ${base}, ${bytes(downloadBytes)}`;
}
