import { crc32 } from "node:zlib";

/** Raw zip bytes, well or ill formed, for tests: nothing is checked here. */
export interface ZipMember {
  readonly name: string;
  readonly content?: string;
  /** What the central directory calls it, where that is not the same. */
  readonly centralName?: string;
  /** Unix mode and kind, as Info-ZIP keeps them. */
  readonly mode?: number;
}

export function zip(members: readonly ZipMember[], around: { before?: string; after?: Uint8Array } = {}): Buffer {
  const start = Buffer.from(around.before ?? "");
  const locals: Buffer[] = [start];
  const centrals: Buffer[] = [];
  let offset = start.length;
  for (const { name, content = "evil", centralName = name, mode = 0o100644 } of members) {
    const body = Buffer.from(content);
    const common = Buffer.alloc(20);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(body), 8);
    common.writeUInt32LE(body.length, 12);
    common.writeUInt32LE(body.length, 16);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, lengths(name), Buffer.from(name), body]);
    const attributes = Buffer.alloc(14);
    attributes.writeUInt32LE((mode << 16) >>> 0, 6);
    attributes.writeUInt32LE(offset, 10);
    centrals.push(
      Buffer.concat([
        Buffer.from("PK\x01\x02\x14\x03"),
        common,
        lengths(centralName),
        attributes,
        Buffer.from(centralName),
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  return Buffer.concat([
    ...locals,
    central,
    endRecord(members.length, central.length, offset),
    around.after ?? Buffer.alloc(0),
  ]);
}

export function endRecord(count: number, bytes: number, offset: number): Buffer {
  const record = Buffer.alloc(22);
  record.write("PK\x05\x06", "latin1");
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(bytes, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}

/** Of the name, and of no extra field. */
function lengths(name: string): Buffer {
  const both = Buffer.alloc(4);
  both.writeUInt16LE(Buffer.byteLength(name), 0);
  return both;
}
