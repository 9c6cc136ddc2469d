import type { HostAbilities, Program } from "../../../src/core/model/program.ts";
import { type Lack, programLacks } from "../../../src/core/program/program-lacks.ts";
import { readProgram } from "../../../src/core/program/read-program.ts";
import { sourceOf } from "../../support/byte-source.ts";

export const LINUX_HOST: HostAbilities = {
  systemVersion: [6, 1, 0],
  x86Level: 3,
  namedFolders: [],
  systemFolders: ["/lib", "/usr/lib"],
  cachedLibraries: new Map(),
};

/** Files by absolute path; those of the release lie in /r. */
export type Files = Readonly<Record<string, Uint8Array | string>>;

export interface Asked {
  readonly lacks: readonly Lack[];
  /** Paths that were asked for, each once for every time. */
  readonly looked: readonly string[];
}

export function ask(files: Files, path: string, host: Partial<HostAbilities> = {}, platform = "linux-x64"): Asked {
  const looked: string[] = [];
  const read = (file: string): Program | undefined => {
    looked.push(file);
    const bytes = Object.hasOwn(files, file) ? files[file] : undefined;
    return bytes === undefined
      ? undefined
      : readProgram(sourceOf(typeof bytes === "string" ? Buffer.from(bytes) : bytes));
  };
  const lacks = programLacks({ folder: "/r", path, platform, host: { ...LINUX_HOST, ...host }, read });
  return { lacks, looked };
}

/** `weight blame: message` of each. */
export function told(files: Files, path: string, host?: Partial<HostAbilities>, platform?: string): readonly string[] {
  return ask(files, path, host, platform).lacks.map(({ weight, blame, message }) => `${weight} ${blame}: ${message}`);
}
