export interface MachOOptions {
  /** cputype; 0x01000007 is x64, 0x0100000c arm64. */
  readonly machine?: number;
  readonly order?: "little" | "big";
  readonly needed?: readonly string[];
  readonly weak?: readonly string[];
  readonly rpath?: readonly string[];
  /** 1 is macOS. */
  readonly system?: number;
  readonly least?: readonly [number, number, number];
  /** LC_VERSION_MIN_MACOSX in place of LC_BUILD_VERSION. */
  readonly old?: boolean;
}

export const MAC_X64 = 0x01000007;
export const MAC_ARM64 = 0x0100000c;

/** A thin 64-bit Mach-O file of a header and its load commands. */
export function buildMachO(options: MachOOptions = {}): Buffer {
  const word = wordOf(options.order !== "big");
  const [major, minor, patch] = options.least ?? [10, 13, 0];
  const version = major * 65_536 + minor * 256 + patch;
  const named = (type: number, skip: number) => (name: string) => {
    const bytes = Math.ceil((skip + name.length + 1) / 8) * 8;
    const head = Buffer.concat([word(type), word(bytes), word(skip), Buffer.alloc(skip - 12), Buffer.from(name)]);
    return Buffer.concat([head, Buffer.alloc(bytes - head.length)]);
  };
  const commands = [
    options.old
      ? Buffer.concat([word(0x24), word(16), word(version), word(0)])
      : Buffer.concat([word(0x32), word(24), word(options.system ?? 1), word(version), word(0), word(0)]),
    ...(options.needed ?? []).map(named(0xc, 24)),
    ...(options.weak ?? []).map(named(0x80000018, 24)),
    ...(options.rpath ?? []).map(named(0x8000001c, 12)),
  ];
  const size = commands.reduce((sum, { length }) => sum + length, 0);
  const header = [0xfeedfacf, options.machine ?? MAC_X64, 3, 2, commands.length, size, 0, 0];
  return Buffer.concat([...header.map(word), ...commands]);
}

/** Several of them in one file. */
export function buildFat(slices: readonly Buffer[]): Buffer {
  const word = wordOf(false);
  const places = slices.map((_, at) => 4096 + slices.slice(0, at).reduce((sum, one) => sum + one.length, 0));
  const heads = slices.map((slice, at) =>
    Buffer.concat([
      Buffer.from(slice.subarray(4, 8)).reverse(),
      word(0),
      word(places[at] ?? 0),
      word(slice.length),
      word(12),
    ]),
  );
  const header = Buffer.concat([word(0xcafebabe), word(slices.length), ...heads.map((head) => Buffer.from(head))]);
  return Buffer.concat([header, Buffer.alloc(4096 - header.length), ...slices]);
}

function wordOf(little: boolean) {
  return (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    if (little) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return bytes;
  };
}
