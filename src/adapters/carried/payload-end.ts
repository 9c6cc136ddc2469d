/** A stretch of a file, from an offset. */
export type ReadRange = (offset: number, bytes: number) => Uint8Array;

const HEAD_BYTES = 4096;
const PE_SIGNATURE = 0x00004550;
const PE_WIDE = 0x20b;
/** The table of signatures, the fifth of the directories: by offset in the file, as nothing of it is loaded. */
const SIGNATURES = 4;
const MACH_O = 0xfeedfacf;
const SEGMENT = 0x19;
/** The segment of a program for macOS that carries: what follows the last segment would spoil a signature. */
export const CARRIED_SEGMENT = "__CARRIED";

/** Where what a program carries ends: before a signature on Windows, with a section of its own on macOS, else with the file. */
export function payloadEnd(read: ReadRange, size: number): number {
  const head = Buffer.from(read(0, Math.min(size, HEAD_BYTES)));
  if (head.length < 64) return size;
  if (head.readUInt16BE(0) === 0x4d5a) return beforeSignatures(head) ?? size;
  if (head.readUInt32LE(0) === MACH_O) return endOfSegment(read, head, size) ?? size;
  return size;
}

function beforeSignatures(head: Buffer): number | undefined {
  const header = head.readUInt32LE(60);
  const optional = header + 24;
  const directory = optional + 112 + SIGNATURES * 8;
  if (directory + 8 > head.length || head.readUInt32LE(header) !== PE_SIGNATURE) return undefined;
  if (head.readUInt16LE(optional) !== PE_WIDE || head.readUInt32LE(directory - SIGNATURES * 8 - 4) <= SIGNATURES)
    return undefined;
  const [offset, bytes] = [head.readUInt32LE(directory), head.readUInt32LE(directory + 4)];
  return offset === 0 || bytes === 0 ? undefined : offset;
}

function endOfSegment(read: ReadRange, head: Buffer, size: number): number | undefined {
  const commands = Buffer.from(read(0, Math.min(size, 32 + head.readUInt32LE(20))));
  for (let at = 32, left = head.readUInt32LE(16); left > 0 && at + 8 <= commands.length; left--) {
    const bytes = commands.readUInt32LE(at + 4);
    if (commands.readUInt32LE(at) === SEGMENT && at + 72 <= commands.length) {
      const name = commands.toString("latin1", at + 8, at + 24).replace(/\0.*$/s, "");
      // of its one section: the segment itself is whole pages
      const section = at + 72;
      if (name === CARRIED_SEGMENT && section + 80 <= commands.length)
        return commands.readUInt32LE(section + 48) + Number(commands.readBigUInt64LE(section + 40));
    }
    if (bytes < 8) return undefined;
    at += bytes;
  }
  return undefined;
}
