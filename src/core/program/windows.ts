import { isEngineryError } from "../errors.ts";
import type { WindowsProgram } from "../model/program.ts";
import { windowsMachine } from "./machines.ts";
import { type Reach, unreadable } from "./reach.ts";

const PE = 0x00004550;
const WIDE = 0x20b;
const LIBRARY = 0x2000;
const IMPORTS = 1;
const MAX_SECTIONS = 96;
const MAX_IMPORTS = 1024;

/** What a PE file says it needs; `reach` in little-endian order. What is loaded only when it is called is no need. */
export function readWindows(reach: Reach): WindowsProgram | undefined {
  const header = reach.bytes < 64 ? undefined : reach.u32(60);
  if (header === undefined || header + 24 > reach.bytes || reach.u32(header) !== PE) return undefined;
  const machine = windowsMachine(reach.u16(header + 4));
  const isLibrary = (reach.u16(header + 22) & LIBRARY) !== 0;
  const known = { kind: "pe", machine, isLibrary, subsystem: 0, leastSystem: [], needed: [] } as const;
  try {
    const optional = header + 24;
    const told = {
      ...known,
      subsystem: reach.u16(optional + 68),
      leastSystem: [reach.u16(optional + 48), reach.u16(optional + 50)],
    };
    return { ...told, needed: importsOf(reach, header) };
  } catch (error) {
    if (!isEngineryError(error, "document-invalid")) throw error;
    return { ...known, unread: error.message };
  }
}

function importsOf(reach: Reach, header: number): readonly string[] {
  const optional = header + 24;
  const directories = optional + (reach.u16(optional) === WIDE ? 112 : 96);
  if (reach.u32(directories - 4) <= IMPORTS) return [];
  const address = reach.u32(directories + IMPORTS * 8);
  if (address === 0) return [];
  const sections = sectionsOf(reach, header);
  const table = offsetOf(sections, address);
  const names: string[] = [];
  for (let at = table; ; at += 20) {
    const name = reach.u32(at + 12);
    if (name === 0) return names;
    if (names.length >= MAX_IMPORTS) throw unreadable("imports from too many libraries");
    names.push(reach.text(offsetOf(sections, name)));
  }
}

interface Section {
  readonly address: number;
  readonly bytes: number;
  readonly offset: number;
}

function sectionsOf(reach: Reach, header: number): readonly Section[] {
  const count = reach.u16(header + 6);
  if (count > MAX_SECTIONS) throw unreadable(`has ${count} sections`);
  const start = header + 24 + reach.u16(header + 20);
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * 40;
    return { address: reach.u32(at + 12), bytes: reach.u32(at + 16), offset: reach.u32(at + 20) };
  });
}

function offsetOf(sections: readonly Section[], address: number): number {
  const section = sections.find((one) => address >= one.address && address < one.address + one.bytes);
  if (section === undefined) throw unreadable("points at an address that nothing of it is loaded to");
  return section.offset + (address - section.address);
}
