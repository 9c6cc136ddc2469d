import { CARRIED_SEGMENT } from "../../src/adapters/carried/payload-end.ts";
import type { Insertion } from "../../src/core/embedding/insertion.ts";
import { insertIntoMachO } from "../../src/core/embedding/mach-o-section.ts";
import { Reach } from "../../src/core/program/reach.ts";
import { signedAdHoc } from "./mach-o-signature.ts";

/** Where Node looks for it. */
const BLOB = { segment: "NODE_SEA", section: "__NODE_SEA_BLOB" };
const HEADER_BYTES = 32;
const SOURCE_VERSION = 0x2a;
const PAYLOAD = { segment: CARRIED_SEGMENT, section: "__repository" };

/**
 * A Node for macOS that carries `blob`, and behind it the payload, each in a segment of its own, as nothing may follow the last one. Signed for nobody:
 * without that no Mac of Apple's own making starts it. The publisher's own signature takes its place.
 */
export function machOWithBlob(node: Buffer, blob: Buffer, payload: Buffer | undefined): Buffer {
  const carrying = inserted(withRoom(node), blob, BLOB);
  return signedAdHoc(payload === undefined ? carrying : inserted(carrying, payload, PAYLOAD), "enginery");
}

/** Node's header for Intel has room for 288 bytes more, and 304 are needed: a load command that nothing reads when it starts makes way. */
function withRoom(node: Buffer): Buffer {
  const [count, size] = [node.readUInt32LE(16), node.readUInt32LE(20)];
  for (let at = HEADER_BYTES, left = count; left > 0; left--) {
    const bytes = node.readUInt32LE(at + 4);
    if (node.readUInt32LE(at) === SOURCE_VERSION) {
      const out = Buffer.from(node);
      const end = HEADER_BYTES + size;
      out.copyWithin(at, at + bytes, end);
      out.fill(0, end - bytes, end);
      out.writeUInt32LE(count - 1, 16);
      out.writeUInt32LE(size - bytes, 20);
      return out;
    }
    at += bytes;
  }
  return node;
}

function inserted(program: Buffer, content: Buffer, names: typeof BLOB): Buffer {
  const source = {
    bytes: program.length,
    read: (into: Uint8Array, at: number) => program.copy(into, 0, at, at + into.length),
  };
  return assembled(insertIntoMachO(new Reach(source, false), content.length, names), program, content);
}

function assembled({ pieces }: Insertion, program: Buffer, content: Buffer): Buffer {
  return Buffer.concat(
    pieces.map((piece) => {
      if ("content" in piece) return content;
      return "bytes" in piece ? piece.bytes : program.subarray(piece.from, piece.from + piece.length);
    }),
  );
}
