export interface WindowsOptions {
  readonly machine?: number;
  readonly wide?: boolean;
  readonly isLibrary?: boolean;
  readonly subsystem?: number;
  readonly least?: readonly [number, number];
  readonly needed?: readonly string[];
}

const ADDRESS = 0x1000;
const OFFSET = 0x200;

/** A PE file of headers and one section that holds the import table. */
export function buildWindows(options: WindowsOptions = {}): Buffer {
  const wide = options.wide !== false;
  const file = Buffer.alloc(65_536);
  const header = 0x80;
  file.write("MZ");
  file.writeUInt32LE(header, 60);
  file.write("PE", header);
  file.writeUInt16LE(options.machine ?? 0x8664, header + 4);
  file.writeUInt16LE(1, header + 6);
  const optionalBytes = (wide ? 112 : 96) + 16 * 8;
  file.writeUInt16LE(optionalBytes, header + 20);
  file.writeUInt16LE(options.isLibrary ? 0x2002 : 0x2, header + 22);
  const optional = header + 24;
  file.writeUInt16LE(wide ? 0x20b : 0x10b, optional);
  const [major, minor] = options.least ?? [6, 0];
  file.writeUInt16LE(major, optional + 48);
  file.writeUInt16LE(minor, optional + 50);
  file.writeUInt16LE(options.subsystem ?? 3, optional + 68);
  const directories = optional + (wide ? 112 : 96);
  file.writeUInt32LE(16, directories - 4);
  const needed = options.needed ?? [];
  if (needed.length > 0) file.writeUInt32LE(ADDRESS, directories + 8);
  const section = optional + optionalBytes;
  file.write(".idata", section);
  file.writeUInt32LE(ADDRESS, section + 12);
  file.writeUInt32LE(file.length - OFFSET, section + 16);
  file.writeUInt32LE(OFFSET, section + 20);
  let text = OFFSET + 20 * (needed.length + 1);
  for (const [at, name] of needed.entries()) {
    file.writeUInt32LE(ADDRESS + text - OFFSET, OFFSET + at * 20 + 12);
    text += file.write(`${name}\0`, text);
  }
  return file;
}
