/** Machines by the words that Node has for them. */
const ELF: Readonly<Record<number, string>> = {
  3: "ia32",
  8: "mips",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x64",
  183: "arm64",
  243: "riscv64",
  258: "loong64",
};
const MACH_O: Readonly<Record<number, string>> = {
  7: "ia32",
  12: "arm",
  16777223: "x64",
  16777228: "arm64",
};
const WINDOWS: Readonly<Record<number, string>> = { 332: "ia32", 452: "arm", 34404: "x64", 43620: "arm64" };

export function elfMachine(code: number, bits: 32 | 64, little: boolean): string {
  const name = ELF[code] ?? `ELF machine ${code}`;
  if (name === "x64" && bits === 32) return "x32";
  return name === "mips" && little ? "mipsel" : name;
}

export function machOMachine(code: number): string {
  return MACH_O[code] ?? `Mach-O machine ${code}`;
}

export function windowsMachine(code: number): string {
  return WINDOWS[code] ?? `Windows machine ${code}`;
}
