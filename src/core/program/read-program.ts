import { isEngineryError } from "../errors.ts";
import type { Program } from "../model/program.ts";
import { readElf } from "./elf.ts";
import { isMachO, readMachO } from "./mach-o.ts";
import { type ByteSource, Reach } from "./reach.ts";
import { readWindows } from "./windows.ts";

const ELF = 0x7f454c46;
const SCRIPT = 0x2321;
const DOS = 0x4d5a;
const MAX_LINE_BYTES = 256;

/**
 * What a file says it needs of the host that is to run or load it. Never throws for what the file holds: what cannot be read is told in
 * `unread`. Reads headers and names alone, 4 MiB at the most.
 */
export function readProgram(source: ByteSource): Program {
  const reach = new Reach(source, false);
  try {
    if (reach.bytes < 4) return { kind: "unknown" };
    const magic = reach.u32(0);
    if (magic === ELF) return readElf(reach);
    if (isMachO(magic)) return readMachO(reach);
    if (magic >>> 16 === SCRIPT) return readScript(reach);
    return (magic >>> 16 === DOS ? readWindows(reach.withOrder(true)) : undefined) ?? { kind: "unknown" };
  } catch (error) {
    // too short for its own header
    if (isEngineryError(error, "document-invalid")) return { kind: "unknown" };
    throw error;
  }
}

function readScript(reach: Reach): Program {
  const head = reach.slice(2, Math.min(MAX_LINE_BYTES, reach.bytes - 2));
  const line = new TextDecoder().decode(head).split("\n", 1)[0] ?? "";
  const interpreter = line.trim().split(/[ \t]/, 1)[0] ?? "";
  return interpreter === "" ? { kind: "unknown" } : { kind: "script", interpreter };
}
