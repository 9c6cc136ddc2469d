/** What each level of x86-64 adds, by the kernel's names (the psABI's table; 1 is what every x86-64 has). */
const ADDED: readonly (readonly string[])[] = [
  [],
  ["cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"],
  ["abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"],
  ["avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"],
];

/** The highest level whose features are all among `flags`. */
export function x86Level(flags: ReadonlySet<string>): number {
  const missing = ADDED.findIndex((added) => added.some((flag) => !flags.has(flag)));
  return missing < 0 ? ADDED.length : missing;
}

/** The features, by the kernel's names, that `level` asks for and that a CPU of level `have` may lack. */
export function x86Features(level: number, have: number): readonly string[] {
  return ADDED.slice(have, level).flat();
}
