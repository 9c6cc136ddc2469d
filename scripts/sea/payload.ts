import { createHash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, writeSync } from "node:fs";
import {
  encodeFooter,
  encodePayloadTable,
  FOOTER_BYTES,
  PAYLOAD_STEP,
  type PayloadFile,
} from "../../src/core/carried-payload.ts";
import type { Collected } from "./collect.ts";
import { ceilTo } from "./round.ts";

/** Lays `collected` behind the last byte of `program`, file by file; never more than a chunk of it is in memory. */
export async function appendPayload(program: string, collected: Omit<Collected, "expired">): Promise<void> {
  const descriptor = openSync(program, "r+");
  try {
    const start = ceilTo(fstatSync(descriptor).size, PAYLOAD_STEP);
    let at = start;
    const write = (bytes: Uint8Array) => {
      for (let done = 0; done < bytes.length; )
        done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
      at += bytes.length;
    };
    const files: Record<string, PayloadFile> = {};
    for (const [path, file] of collected.files) {
      const offset = at - start;
      for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) write(chunk as Buffer);
      files[path] = { offset, bytes: at - start - offset };
    }
    const { channel, root, releases } = collected;
    const table = encodePayloadTable({ channel, root, releases, files });
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
