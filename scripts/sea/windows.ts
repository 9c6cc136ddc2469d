import { ceilTo } from "./round.ts";
import { encodeResources, parseResources, RESOURCE_DATA, withResource } from "./windows-resources.ts";

const HEADER_BYTES = 40;
const WIDE = 0x20b;
const RESOURCES = 2;
const SIGNATURES = 4;
/** Initialised data, readable. */
const FLAGS = 0x40000040;
/** As Node asks for it. */
const NAME = "NODE_SEA_BLOB";
const SECTION = ".carried";

/**
 * A Node for Windows that carries `blob` as a resource. A section more at its end holds the tables of all its resources and the new one's bytes; what
 * there was stays where it is. Its signature goes: it would no longer hold. Throws where the file is of another make.
 */
export function windowsWithBlob(node: Buffer, blob: Buffer): Buffer {
  const header = node.readUInt32LE(60);
  const optional = header + 24;
  if (node.toString("latin1", header, header + 4) !== "PE\0\0" || node.readUInt16LE(optional) !== WIDE) {
    throw new Error("This Node is no program for Windows of 64 bits.");
  }
  const directory = (which: number) => optional + 112 + which * 8;
  const count = node.readUInt16LE(header + 6);
  const table = optional + node.readUInt16LE(header + 20);
  const [sectionStep, fileStep] = [node.readUInt32LE(optional + 32), node.readUInt32LE(optional + 36)];
  const sections = Array.from({ length: count }, (_, index) => {
    const at = table + index * HEADER_BYTES;
    const [memory = 0, address = 0, bytes = 0, offset = 0] = [8, 12, 16, 20].map((field) =>
      node.readUInt32LE(at + field),
    );
    return { memory, address, bytes, offset };
  });
  const place = table + count * HEADER_BYTES;
  if (place + HEADER_BYTES > Math.min(...sections.flatMap(({ offset }) => (offset > 0 ? [offset] : [])))) {
    throw new Error("This Node has no room for one more section.");
  }
  const own = sections.find(({ address }) => address === node.readUInt32LE(directory(RESOURCES)));
  if (own === undefined) throw new Error("This Node has its resources in no section of their own.");

  const address = ceilTo(
    Math.max(...sections.map((each) => each.address + Math.max(each.memory, each.bytes))),
    sectionStep,
  );
  const known = parseResources(node.subarray(own.offset, own.offset + own.bytes));
  const content = encodeResources(withResource(known, RESOURCE_DATA, NAME, blob), address);
  const signature = node.readUInt32LE(directory(SIGNATURES));
  const end = signature === 0 ? node.length : signature;
  const offset = ceilTo(end, fileStep);
  const out = Buffer.alloc(offset + ceilTo(content.length, fileStep));
  node.copy(out, 0, 0, end);
  content.copy(out, offset);

  out.write(SECTION, place, "latin1");
  for (const [index, value] of [content.length, address, ceilTo(content.length, fileStep), offset].entries()) {
    out.writeUInt32LE(value, place + 8 + index * 4);
  }
  out.writeUInt32LE(FLAGS, place + 36);
  out.writeUInt16LE(count + 1, header + 6);
  out.writeUInt32LE(ceilTo(address + content.length, sectionStep), optional + 56);
  // a checksum of zero is none: only drivers are asked for one
  out.writeUInt32LE(0, optional + 64);
  out.writeUInt32LE(address, directory(RESOURCES));
  out.writeUInt32LE(content.length, directory(RESOURCES) + 4);
  out.fill(0, directory(SIGNATURES), directory(SIGNATURES) + 8);
  return out;
}
