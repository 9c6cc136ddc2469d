/** Raw tar bytes, well or ill formed, for tests: nothing is checked here. */
export interface RawHeader {
  readonly name?: string | Uint8Array;
  readonly prefix?: string;
  readonly type?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly mtime?: string;
  /** What the header says of the size; absent: the content's. */
  readonly size?: number | Uint8Array;
  readonly link?: string;
  readonly magic?: string;
  readonly checksum?: number;
}

export const ZERO_BLOCK = Buffer.alloc(512);
export const END = Buffer.alloc(1024);

/** A header, the content, zeros to the next block. */
export function entry(header: RawHeader, content: string | Uint8Array = ""): Buffer {
  const body = Buffer.from(content);
  const block = Buffer.alloc(512);
  block.set(Buffer.from(header.name ?? "file").subarray(0, 100), 0);
  octal(block, 100, 8, header.mode ?? 0o644);
  octal(block, 108, 8, header.uid ?? 0);
  octal(block, 116, 8, 0);
  if (header.size instanceof Uint8Array) block.set(header.size, 124);
  else octal(block, 124, 12, header.size ?? body.length);
  block.write(header.mtime ?? "00000000000\0", 136, "latin1");
  block.write(header.type ?? "0", 156, "latin1");
  block.write(header.link ?? "", 157, 100, "utf8");
  block.write(header.magic ?? "ustar\u000000", 257, "latin1");
  block.write(header.prefix ?? "", 345, 155, "utf8");
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  block.write(`${(header.checksum ?? sum).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([block, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

function octal(block: Buffer, start: number, length: number, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, start, "latin1");
}

/** Extended header of the given records, each `[key, value]`. */
export function pax(records: readonly (readonly [string, string | Uint8Array])[], type = "x"): Buffer {
  return entry({ name: "PaxHeader", type }, Buffer.concat(records.map(([key, value]) => record(key, value))));
}

export function record(key: string, value: string | Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** GNU long name (`L`) or long link (`K`). */
export function gnuLong(text: string, type = "L"): Buffer {
  return entry({ name: "././@LongLink", type, magic: "ustar  \0" }, `${text}\0`);
}
