/** Load commands that point into `__LINKEDIT`, and at which of their bytes (<mach-o/loader.h>). */
export const OFFSETS_IN: Readonly<Record<number, readonly number[]>> = {
  // symbols; dynamic symbols; hints
  2: [8, 16],
  11: [32, 40, 48, 56, 64, 72],
  22: [8],
  // what dyld binds
  34: [8, 16, 24, 32, 40],
  2147483682: [8, 16, 24, 32, 40],
  // one place each: signature, split, function starts, data in code, requirements of libraries, hints of the linker, exports, fixups, atoms
  29: [8],
  30: [8],
  38: [8],
  41: [8],
  43: [8],
  46: [8],
  2147483699: [8],
  2147483700: [8],
  54: [8],
};

/** Those that point at nothing in the file, or only at what does not move. */
export const WITHOUT_OFFSETS: ReadonlySet<number> = new Set([
  // segments are moved one by one
  0x19,
  // threads and entry
  0x4, 0x5, 0x80000028,
  // libraries, their names and folders
  0xc, 0xd, 0xe, 0xf, 0x18, 0x80000018, 0x1f, 0x8000001f, 0x20, 0x80000023, 0x23, 0x8000001c, 0x27, 0x12, 0x13, 0x14,
  0x15,
  // identity, versions, linker's options
  0x1b, 0x24, 0x25, 0x2a, 0x2d, 0x2f, 0x30, 0x32, 0x11, 0x1a,
  // what is encrypted lies in the text
  0x21, 0x2c,
]);
