import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { epochOfJson, epochOfText, MAX_ANSWER_BYTES, unreadable } from "../../core/epoch-reading.ts";
import type { FileSource } from "../../core/epoch-source.ts";
import type { EpochSource } from "../../ports/epoch-source.ts";
import { boundedSource } from "./deadline.ts";

/** A file that a node or a timer writes. */
export function fileSource(spec: FileSource): EpochSource {
  const { name, path, pointer } = spec;
  return boundedSource(name, async () => {
    const bytes = await contentOf(name, path);
    return { epoch: pointer === undefined ? epochOfText(name, bytes, "ended") : epochOfJson(name, bytes, pointer) };
  });
}

/** A pipe without a writer would hold us up when it is opened, hence without blocking. */
async function contentOf(name: string, path: string): Promise<Uint8Array> {
  // the flag is missing on Windows, where there are no such pipes either
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await file.stat()).isFile()) throw unreadable(name, "is no regular file");
    return await readUpTo(file, MAX_ANSWER_BYTES, name);
  } finally {
    await file.close();
  }
}

/** What a kernel's file tells has no size beforehand. */
async function readUpTo(file: FileHandle, maxBytes: number, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let length = 0; length <= maxBytes; ) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(64 * 1024), 0, 64 * 1024, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
  throw unreadable(name, `has more than ${maxBytes} bytes`);
}
