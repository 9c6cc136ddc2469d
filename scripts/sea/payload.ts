import { createHash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, statSync, writeSync } from "node:fs";
import {
  encodeFooter,
  encodePayloadTable,
  FOOTER_BYTES,
  PAYLOAD_STEP,
  type PayloadFile,
} from "../../src/core/carried-payload.ts";
import type { Collected } from "./collect.ts";
import { ceilTo } from "./round.ts";

type Carrying = Omit<Collected, "expired">;

/** What the program is made with, so that it can tell that it was cut off, or carries another's. */
export function payloadTable({ channel, root, releases, files }: Carrying): Uint8Array {
  const places: Record<string, PayloadFile> = {};
  let offset = 0;
  for (const [path, file] of files) {
    const bytes = statSync(file).size;
    places[path] = { offset, bytes };
    offset += bytes;
  }
  return encodePayloadTable({ channel, root, releases, files: places });
}

/** Lays `collected` behind the last byte of `program`, file by file; never more than a chunk of it is in memory. */
export async function appendPayload(program: string, collected: Carrying): Promise<void> {
  const table = payloadTable(collected);
  const descriptor = openSync(program, "r+");
  try {
    const start = ceilTo(fstatSync(descriptor).size, PAYLOAD_STEP);
    let at = start;
    const write = (bytes: Uint8Array) => {
      for (let done = 0; done < bytes.length; )
        done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
      at += bytes.length;
    };
    let bytes = 0;
    for (const file of collected.files.values()) {
      bytes += statSync(file).size;
      for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) write(chunk as Buffer);
      if (at - start !== bytes) throw new Error(`${file} was written to meanwhile.`);
    }
    // the footer ends where a signature may begin
    const padding = ceilTo(at + table.length + FOOTER_BYTES, PAYLOAD_STEP) - (at + table.length + FOOTER_BYTES);
    write(new Uint8Array(padding));
    write(table);
    const tableSha256 = createHash("sha256").update(table).digest("hex");
    write(encodeFooter({ bytes: at - start + FOOTER_BYTES, tableBytes: table.length, tableSha256 }));
  } finally {
    closeSync(descriptor);
  }
}
