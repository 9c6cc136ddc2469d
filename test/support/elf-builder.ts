/** A small ELF file made in code: program headers alone, all of it loaded at one address. */
export interface ElfOptions {
  readonly bits?: 32 | 64;
  readonly order?: "little" | "big";
  /** e_machine; default: this host's. */
  readonly machine?: number;
  readonly interpreter?: string;
  readonly needed?: readonly string[];
  readonly soname?: string;
  readonly rpath?: string;
  readonly runpath?: string;
  readonly flags1?: number;
  /** Library to version names; a weak one begins with `?`. */
  readonly requires?: Readonly<Record<string, readonly string[]>>;
  readonly provides?: readonly string[];
  /** Of NT_GNU_ABI_TAG. */
  readonly leastKernel?: readonly [number, number, number];
  /** Of GNU_PROPERTY_X86_ISA_1_NEEDED. */
  readonly x86Levels?: number;
}

const ADDRESS = 0x400000;
export const THIS_MACHINE = process.arch === "arm64" ? 183 : 62;
export const OTHER_MACHINE = process.arch === "arm64" ? 62 : 183;

export function buildElf(options: ElfOptions = {}): Buffer {
  const wide = options.bits !== 32;
  const little = options.order !== "big";
  const put = new Putter(wide, little);
  const segments: Segment[] = [];
  const headerBytes = (wide ? 64 : 52) + 8 * (wide ? 56 : 32);
  put.skipTo(headerBytes);

  if (options.interpreter !== undefined) {
    segments.push({ type: 3, ...put.part(() => put.text(`${options.interpreter}\0`)) });
  }
  if (options.leastKernel !== undefined) {
    const words = [0, ...options.leastKernel];
    segments.push({ type: 4, align: 4, ...put.part(() => put.note(1, words)) });
  }
  if (options.x86Levels !== undefined) {
    const levels = options.x86Levels;
    const property = [0xc0008002, 4, levels, ...(wide ? [0] : [])];
    segments.push({ type: 0x6474e553, align: wide ? 8 : 4, ...put.part(() => put.note(5, property)) });
  }
  if (hasDynamic(options)) segments.push({ type: 2, ...dynamicPart(put, options) });

  const all: Segment[] = [{ type: 1, offset: 0, bytes: put.length }, ...segments];
  put.header(options.machine ?? THIS_MACHINE, all);
  return put.finish();
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly bytes: number;
  readonly align?: number;
}

function hasDynamic({ needed, soname, requires, provides, runpath, rpath }: ElfOptions): boolean {
  return [needed, soname, requires, provides, runpath, rpath].some((one) => one !== undefined);
}

function dynamicPart(put: Putter, options: ElfOptions): { offset: number; bytes: number } {
  const texts = new Texts();
  const entries: [number, number][] = (options.needed ?? []).map((name) => [1, texts.at(name)]);
  for (const [tag, text] of [
    [14, options.soname],
    [15, options.rpath],
    [29, options.runpath],
  ] as const) {
    if (text !== undefined) entries.push([tag, texts.at(text)]);
  }
  if (options.flags1 !== undefined) entries.push([0x6ffffffb, options.flags1]);
  const requires = Object.entries(options.requires ?? {});
  if (requires.length > 0) {
    const { offset } = put.part(() => needsPart(put, texts, requires));
    entries.push([0x6ffffffe, ADDRESS + offset], [0x6fffffff, requires.length]);
  }
  if (options.provides !== undefined) {
    const names = options.provides;
    const { offset } = put.part(() => definitionsPart(put, texts, names));
    entries.push([0x6ffffffc, ADDRESS + offset], [0x6ffffffd, names.length + 1]);
  }
  const table = put.part(() => put.text(texts.all));
  entries.push([5, ADDRESS + table.offset], [10, table.bytes], [0, 0]);
  return put.part(() => put.natives(entries.flat()));
}

function needsPart(put: Putter, texts: Texts, requires: readonly (readonly [string, readonly string[]])[]): void {
  for (const [place, [library, versions]] of requires.entries()) {
    const isLast = place === requires.length - 1;
    put.half(1, versions.length);
    put.word(texts.at(library));
    put.word(16);
    put.word(isLast ? 0 : 16 + 16 * versions.length);
    for (const [at, version] of versions.entries()) {
      put.word(0);
      put.half(version.startsWith("?") ? 2 : 0, at + 2);
      put.word(texts.at(version.replace("?", "")));
      put.word(at === versions.length - 1 ? 0 : 16);
    }
  }
}

function definitionsPart(put: Putter, texts: Texts, versions: readonly string[]): void {
  const all = ["itself", ...versions];
  for (const [place, version] of all.entries()) {
    put.half(1, place === 0 ? 1 : 0, place + 1, 1);
    put.word(0);
    put.word(20);
    put.word(place === all.length - 1 ? 0 : 28);
    put.word(texts.at(version));
    put.word(0);
  }
}

class Texts {
  all = "\0";

  at(text: string): number {
    const at = this.all.length;
    this.all += `${text}\0`;
    return at;
  }
}

class Putter {
  #bytes = Buffer.alloc(4096);
  #at = 0;
  readonly #wide: boolean;
  readonly #little: boolean;

  constructor(wide: boolean, little: boolean) {
    this.#wide = wide;
    this.#little = little;
  }

  get length(): number {
    return this.#at;
  }

  skipTo(at: number): void {
    this.#at = at;
  }

  /** What `fill` puts, on a round address. */
  part(fill: () => void): { offset: number; bytes: number } {
    this.#at = Math.ceil(this.#at / 8) * 8;
    const offset = this.#at;
    fill();
    return { offset, bytes: this.#at - offset };
  }

  text(text: string): void {
    this.#room(text.length);
    this.#at += this.#bytes.write(text, this.#at, "latin1");
  }

  half(...values: readonly number[]): void {
    for (const value of values) this.#number(value, 2);
  }

  word(value: number): void {
    this.#number(value, 4);
  }

  native(value: number): void {
    this.#number(value, this.#wide ? 8 : 4);
  }

  natives(values: readonly number[]): void {
    for (const value of values) this.native(value);
  }

  note(type: number, words: readonly number[]): void {
    for (const word of [4, words.length * 4, type]) this.word(word);
    this.text("GNU\0");
    for (const word of words) this.word(word);
  }

  header(machine: number, segments: readonly Segment[]): void {
    const end = this.#at;
    const start = this.#wide ? 64 : 52;
    this.#at = 0;
    this.text(`\x7fELF${this.#wide ? "\x02" : "\x01"}${this.#little ? "\x01" : "\x02"}\x01${"\0".repeat(9)}`);
    this.half(3, machine);
    this.word(1);
    this.native(0);
    this.native(start);
    this.native(0);
    this.word(0);
    this.half(start, this.#wide ? 56 : 32, segments.length, 0, 0, 0);
    for (const { type, offset, bytes, align = 8 } of segments) {
      this.word(type);
      if (this.#wide) this.word(4);
      for (const value of [offset, ADDRESS + offset, ADDRESS + offset, bytes, bytes]) this.native(value);
      if (!this.#wide) this.word(4);
      this.native(align);
    }
    this.#at = end;
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #number(value: number, size: number): void {
    this.#room(size);
    const bytes = Buffer.alloc(8);
    if (this.#little) bytes.writeBigUInt64LE(BigInt(value), 0);
    else bytes.writeBigUInt64BE(BigInt(value), 0);
    const part = this.#little ? bytes.subarray(0, size) : bytes.subarray(8 - size);
    this.#bytes.set(part, this.#at);
    this.#at += size;
  }

  #room(size: number): void {
    if (this.#at + size > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(size + 65_536)]);
  }
}
