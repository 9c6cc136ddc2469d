import type { Piece } from "../../src/core/embedding/insertion.ts";

/** The new file that a plan says. */
export function inserted(host: Buffer, pieces: readonly Piece[], content: Buffer): Buffer {
  const parts = pieces.map((piece) => {
    if ("bytes" in piece) return piece.bytes;
    return "from" in piece ? host.subarray(piece.from, piece.from + piece.length) : content;
  });
  return Buffer.concat(parts);
}

/** An ELF program of one loaded segment, with sections of nothing, names and text; `bare`: stripped of section headers. */
export function buildHostElf({ bits, bare }: { readonly bits: 32 | 64; readonly bare?: boolean }): Buffer {
  const wide = bits === 64;
  const headerBytes = wide ? 64 : 52;
  const segmentBytes = wide ? 56 : 32;
  const sectionBytes = wide ? 64 : 40;
  const names = Buffer.from("\0.shstrtab\0.text\0");
  const namesAt = 1024;
  const tableAt = 1056;
  const file = Buffer.alloc(bare ? namesAt : tableAt + 3 * sectionBytes);
  const word = (value: number, at: number): unknown =>
    wide ? file.writeBigUInt64LE(BigInt(value), at) : file.writeUInt32LE(value, at);
  file.write("\x7fELF", "latin1");
  file.set([wide ? 2 : 1, 1, 1], 4);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(wide ? 62 : 3, 18);
  word(headerBytes, wide ? 32 : 28);
  const counts = wide ? 54 : 42;
  for (const [at, value] of [segmentBytes, 1, bare ? 0 : sectionBytes, bare ? 0 : 3, bare ? 0 : 1].entries())
    file.writeUInt16LE(value, counts + at * 2);
  file.writeUInt32LE(1, headerBytes);
  word(file.length > 900 ? 900 : 0, headerBytes + (wide ? 32 : 16));
  if (bare) return file;
  word(tableAt, wide ? 40 : 32);
  names.copy(file, namesAt);
  const section = (place: number, name: number, type: number, offset: number, bytes: number): void => {
    const at = tableAt + place * sectionBytes;
    file.writeUInt32LE(name, at);
    file.writeUInt32LE(type, at + 4);
    word(offset, at + (wide ? 24 : 16));
    word(bytes, at + (wide ? 32 : 20));
  };
  section(1, 1, 3, namesAt, names.length);
  section(2, 11, 1, 600, 200);
  return file;
}

/** A PE program of one section. */
export function buildHostWindows({ wide, signed }: { readonly wide: boolean; readonly signed?: boolean }): Buffer {
  const file = Buffer.alloc(4096 + (signed ? 256 : 0));
  const header = 0x80;
  const optional = header + 24;
  const optionalBytes = (wide ? 112 : 96) + 16 * 8;
  file.write("MZ");
  file.writeUInt32LE(header, 60);
  file.write("PE", header);
  file.writeUInt16LE(wide ? 0x8664 : 0x14c, header + 4);
  file.writeUInt16LE(1, header + 6);
  file.writeUInt16LE(optionalBytes, header + 20);
  file.writeUInt16LE(wide ? 0x20b : 0x10b, optional);
  file.writeUInt32LE(0x1000, optional + 32);
  file.writeUInt32LE(0x200, optional + 36);
  file.writeUInt32LE(0x3000, optional + 56);
  file.writeUInt32LE(0x400, optional + 60);
  const directories = optional + (wide ? 112 : 96);
  file.writeUInt32LE(16, directories - 4);
  if (signed) {
    file.writeUInt32LE(4096, directories + 4 * 8);
    file.writeUInt32LE(256, directories + 4 * 8 + 4);
  }
  const section = optional + optionalBytes;
  file.write(".text", section);
  for (const [at, value] of [0x1800, 0x1000, 4096 - 0x400, 0x400].entries())
    file.writeUInt32LE(value, section + 8 + at * 4);
  return file;
}

const PAGE = 0x4000;

/**
 * A Mach-O program of a text segment and a `__LINKEDIT` that fixups, symbols and, where `signed`, a signature lie in. `tight`: its fixups have no room
 * for one segment more.
 */
export function buildHostMachO({
  signed,
  tight,
}: {
  readonly signed?: boolean;
  readonly tight?: boolean;
} = {}): Buffer {
  const linkBytes = 256 + (signed ? 128 : 0);
  const file = Buffer.alloc(PAGE + linkBytes, 0);
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const long = (value: number): Buffer => Buffer.concat([word(value % 2 ** 32), word(Math.floor(value / 2 ** 32))]);
  const name = (text: string): Buffer => Buffer.concat([Buffer.from(text), Buffer.alloc(16 - text.length)]);
  const segment = (title: string, numbers: readonly number[], sections: readonly Buffer[]): Buffer => {
    const body = Buffer.concat([
      name(title),
      ...numbers.map(long),
      word(5),
      word(5),
      word(sections.length),
      word(0),
      ...sections,
    ]);
    return Buffer.concat([word(0x19), word(8 + body.length), body]);
  };
  const text = Buffer.concat([
    ...[name("__text"), name("__TEXT"), long(0x100001000), long(64)],
    ...[0x1000, 4, 0, 0, 0, 0, 0, 0].map(word),
  ]);
  const one = (type: number, ...numbers: number[]): Buffer =>
    Buffer.concat([word(type), word(8 + numbers.length * 4), ...numbers.map(word)]);
  const commands = [
    segment("__TEXT", [0, PAGE, 0, PAGE], [text]),
    segment("__LINKEDIT", [PAGE, PAGE, PAGE, linkBytes], []),
    one(0x80000034, PAGE, 128),
    one(2, PAGE + 128, 4, PAGE + 192, 64),
    one(0x80000028, 0x1000, 0, 0, 0),
    // LC_LINKER_OPTION, of nothing: a command that has no offsets
    one(0x2d, 0, 0),
    ...(signed ? [one(0x1d, PAGE + 256, 128)] : []),
  ];
  const size = commands.reduce((sum, { length }) => sum + length, 0);
  const header = [0xfeedfacf, 0x0100000c, 0, 2, commands.length, size, 0, 0].map(word);
  Buffer.concat([...header, ...commands]).copy(file);
  for (let at = PAGE; at < file.length; at += 1) file[at] = at % 251;
  // the header; two segments, of which the first has chains; behind them the chains' start
  Buffer.concat([...[0, 32, 96, 100, 1, 1, 0, 0], ...[2, tight ? 12 : 16, 0]].map(word)).copy(file, PAGE);
  return file;
}
