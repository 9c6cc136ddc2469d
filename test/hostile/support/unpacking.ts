import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { createArchiveReader } from "../../../src/adapters/archive/reader.ts";
import type { Pieces, Tree } from "../../../src/core/model/tree.ts";
import type { UnpackRequest } from "../../../src/ports/archive.ts";

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export type Files = Readonly<Record<string, string | Uint8Array>>;

export function treeOf(files: Files, executable: readonly string[] = []): Tree {
  const rows = Object.entries(files).map(([path, content]) => {
    const bytes = Buffer.from(content);
    return { path, bytes: bytes.length, sha256: sha256(bytes), executable: executable.includes(path) };
  });
  return { format: 1, files: rows.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

export function piecesOf(archive: Uint8Array, pieceBytes = 64 * 1024): Pieces {
  const count = Math.ceil(archive.length / pieceBytes);
  const pieces = Array.from({ length: count }, (_, index) =>
    sha256(archive.subarray(index * pieceBytes, (index + 1) * pieceBytes)),
  );
  return { format: 1, archive: sha256(archive), bytes: archive.length, pieceBytes, pieces };
}

export const compressed = {
  "tar.zst": (tar: Uint8Array): Buffer => zstdCompressSync(tar),
  "tar.gz": (tar: Uint8Array): Buffer => gzipSync(tar),
} as const;

export interface Unpacked {
  /** What was thrown, if anything. */
  readonly error: unknown;
  readonly finished: ReadonlyMap<string, Buffer>;
  readonly executable: readonly string[];
  readonly abandoned: readonly string[];
  /** Begun, neither finished nor abandoned. */
  readonly open: readonly string[];
}

/** Unpacks an archive whose very bytes are the signed ones, and tells what reached the sink. */
export async function unpackSigned(
  archive: Uint8Array,
  tree: Tree,
  request: Partial<UnpackRequest> & Pick<UnpackRequest, "format">,
): Promise<Unpacked> {
  const finished = new Map<string, Buffer>();
  const executable: string[] = [];
  const abandoned: string[] = [];
  const open = new Set<string>();
  const sink = {
    begin(path: string, isExecutable: boolean) {
      const parts: Buffer[] = [];
      open.add(path);
      if (isExecutable) executable.push(path);
      return {
        write: (bytes: Uint8Array) => void parts.push(Buffer.from(bytes)),
        finish: () => void (open.delete(path) && finished.set(path, Buffer.concat(parts))),
        abandon: () => void (open.delete(path) && abandoned.push(path)),
      };
    },
  };
  const pieces = piecesOf(archive);
  const error = await createArchiveReader()
    .unpack({ root: "", tree, pieces, chunks: inChunks(archive, 10_000), sink, ...request })
    .then(
      () => undefined,
      (thrown: unknown) => thrown ?? "nothing",
    );
  return { error, finished, executable, abandoned, open: [...open] };
}

export async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < bytes.length; position += size) yield bytes.subarray(position, position + size);
}
