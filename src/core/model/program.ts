/** What the files of an engine say they need, and what a host has to give (core/program/). */

export type Program = ElfProgram | MachOProgram | WindowsProgram | ScriptProgram | { readonly kind: "unknown" };

/** Linux. What could not be read is left empty, and `unread` says why. */
export interface ElfProgram {
  readonly kind: "elf";
  /** As Node names it: `x64`, `arm64`. */
  readonly machine: string;
  readonly bits: 32 | 64;
  /** The loader that a dynamically linked executable asks for. */
  readonly interpreter?: string;
  /** The name by which others need it. */
  readonly soname?: string;
  /** File names of libraries, in the order in which they are looked for. */
  readonly needed: readonly string[];
  /** Folders, `$ORIGIN` and the like not yet put in. */
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
  /** It wants nothing from the system's own folders. */
  readonly ownFoldersOnly: boolean;
  readonly requires: readonly VersionNeed[];
  /** Versions that it defines for others. */
  readonly provides: readonly string[];
  /** Major, minor, patch of the oldest kernel it runs on. */
  readonly leastKernel?: readonly number[];
  /** Bit n: the x86-64 level n + 1. */
  readonly x86Levels: number;
  readonly unread?: string;
}

export interface VersionNeed {
  /** The library's file name. */
  readonly library: string;
  readonly versions: readonly string[];
}

/** macOS; a slice a machine. */
export interface MachOProgram {
  readonly kind: "mach-o";
  readonly slices: readonly MachOSlice[];
  readonly unread?: string;
}

export interface MachOSlice {
  readonly machine: string;
  /** `macOS`, or what else it is built for. */
  readonly system: string;
  /** Oldest version of that system. */
  readonly leastSystem?: readonly number[];
  readonly needed: readonly string[];
  readonly rpath: readonly string[];
}

export interface WindowsProgram {
  readonly kind: "pe";
  readonly machine: string;
  readonly isLibrary: boolean;
  /** 2 and 3 are Windows' own, with windows and on a console. */
  readonly subsystem: number;
  readonly leastSystem: readonly number[];
  readonly needed: readonly string[];
  readonly unread?: string;
}

export interface ScriptProgram {
  readonly kind: "script";
  readonly interpreter: string;
}

/** What a host has to give to programs. */
export interface HostAbilities {
  /** Linux: the kernel's; macOS, Windows: the system's. Empty where it is not told. */
  readonly systemVersion: readonly number[];
  /** 1 to 4, of x86-64; undefined on another machine and where it is not told. */
  readonly x86Level: number | undefined;
  /** Folders that the environment names before all others (LD_LIBRARY_PATH; PATH on Windows). */
  readonly namedFolders: readonly string[];
  /** Folders that the linker looks into last. */
  readonly systemFolders: readonly string[];
  /** Absolute paths by file name, as the linker's cache has them. */
  readonly cachedLibraries: ReadonlyMap<string, readonly string[]>;
}
