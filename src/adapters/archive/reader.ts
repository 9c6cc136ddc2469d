import { createEntryPolicy, unpackedLimit } from "../../core/entry-policy.ts";
import type { ArchiveReader, UnpackRequest } from "../../ports/archive.ts";
import { decompress } from "./decoder.ts";
import { verifiedPieces } from "./pieces.ts";
import { hostile } from "./refusal.ts";
import { TarEntries } from "./tar-entries.ts";

/** One pass, no temporary copy: piece hashed, decompressed, parsed, held against the tree, written. Takes some 45 MiB whatever the size. */
export function createArchiveReader(): ArchiveReader {
  return { unpack };
}

async function unpack(request: UnpackRequest): Promise<void> {
  const { format, root, tree, pieces, chunks, sink, onPiece } = request;
  const entries = new TarEntries(createEntryPolicy(tree, root), sink);
  const limit = unpackedLimit(tree, root, pieces.bytes);
  let unpacked = 0;
  try {
    await decompress(format, pieces.bytes, verifiedPieces(chunks, pieces, onPiece), (bytes) => {
      unpacked += bytes.length;
      if (unpacked > limit) throw hostile(`it decompresses to more than ${limit} bytes`, { limit });
      entries.push(bytes);
    });
    entries.end();
  } catch (error) {
    entries.abandon();
    throw error;
  }
}
