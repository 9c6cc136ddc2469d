import { EngineryError, isEngineryError } from "../errors.ts";
import { isMachO } from "../program/mach-o.ts";
import { type ByteSource, Reach } from "../program/reach.ts";
import { findInElf, insertIntoElf } from "./elf-section.ts";
import type { Insertion, Section } from "./insertion.ts";
import { findInMachO, insertIntoMachO } from "./mach-o-section.ts";
import { findInWindows, insertIntoWindows } from "./windows-section.ts";

export type HostKind = "elf" | "mach-o" | "pe";

const WAYS = {
  elf: { find: findInElf, insert: insertIntoElf },
  "mach-o": { find: findInMachO, insert: insertIntoMachO },
  pe: { find: findInWindows, insert: insertIntoWindows },
} as const;

/**
 * Of which format the file is, and the section of engines in it, if it has one. Reads headers and names alone, 4 MiB at the most. `file` is how
 * errors call it. Errors: `document-invalid`.
 */
export function findEngines(
  source: ByteSource,
  file: string,
): { readonly kind: HostKind; readonly section: Section | undefined } {
  return told(file, () => {
    const reach = new Reach(source, false);
    const kind = kindOf(reach);
    return { kind, section: WAYS[kind].find(reach) };
  });
}

/** How a section with `contentBytes` of content is put into a file. Errors: `document-invalid`, `refused` where it has one. */
export function planInsertion(source: ByteSource, file: string, contentBytes: number): Insertion {
  const { kind, section } = findEngines(source, file);
  if (section !== undefined) {
    throw new EngineryError("refused", `${file} has engines embedded already.`, {
      hint: "Begin with the file as it was built, and name all engines at once.",
      context: { path: file },
    });
  }
  return told(file, () => WAYS[kind].insert(new Reach(source, false), contentBytes));
}

function kindOf(reach: Reach): HostKind {
  const magic = reach.bytes < 4 ? 0 : reach.u32(0);
  if (magic === 0x7f454c46) return "elf";
  if (isMachO(magic)) return "mach-o";
  if (magic >>> 16 === 0x4d5a) return "pe";
  throw new EngineryError("document-invalid", "is no program that can hold engines (ELF, Mach-O, PE)");
}

function told<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isEngineryError(error, "document-invalid")) throw error;
    throw new EngineryError("document-invalid", `${file} ${error.message}.`, {
      hint: "Name a program or a library as its compiler made it.",
      context: { path: file },
      cause: error,
    });
  }
}
