import { createHash } from "node:crypto";
import { EngineryError } from "../../core/errors.ts";
import type { Pieces } from "../../core/model/tree.ts";

/** What one piece may at most take of memory. */
const MAX_PIECE_BYTES = 16 * 1024 * 1024;

/**
 * Cuts `chunks` into the signed pieces and yields each once its hash is right: nothing that was not signed goes on to a
 * decoder. A piece is valid until the next but one: there are two buffers, whatever the size. Errors: `hash-mismatch`, `length-mismatch`, `document-invalid` for a list that contradicts itself.
 */
export async function* verifiedPieces(
  chunks: AsyncIterable<Uint8Array>,
  pieces: Pieces,
  onPiece?: (piece: Uint8Array, index: number) => void,
): AsyncGenerator<Uint8Array> {
  requireConsistent(pieces);
  let index = 0;
  let received = 0;
  let filled = 0;
  const buffers = [new Uint8Array(pieceLength(pieces, 0)), new Uint8Array(pieceLength(pieces, 1))];
  let piece = bufferOf(buffers, pieces, 0);
  for await (const chunk of chunks) {
    received += chunk.length;
    if (received > pieces.bytes) throw wrongLength(pieces, received);
    for (let position = 0; position < chunk.length; ) {
      const part = chunk.subarray(position, position + piece.length - filled);
      piece.set(part, filled);
      filled += part.length;
      position += part.length;
      if (filled < piece.length) continue;
      requireHash(piece, pieces, index);
      onPiece?.(piece, index);
      yield piece;
      index += 1;
      filled = 0;
      piece = bufferOf(buffers, pieces, index);
    }
  }
  if (received !== pieces.bytes) throw wrongLength(pieces, received);
}

function bufferOf(buffers: readonly Uint8Array[], pieces: Pieces, index: number): Uint8Array {
  const buffer = buffers[index % buffers.length] ?? new Uint8Array(0);
  return buffer.subarray(0, pieceLength(pieces, index));
}

/** Bytes of piece `index`: all are equal but the last; 0 beyond it. */
export function pieceLength(pieces: Pieces, index: number): number {
  return Math.max(0, Math.min(pieces.pieceBytes, pieces.bytes - index * pieces.pieceBytes));
}

function requireConsistent(pieces: Pieces): void {
  const { bytes, pieceBytes } = pieces;
  const sizes = Number.isSafeInteger(bytes) && bytes > 0 && Number.isSafeInteger(pieceBytes) && pieceBytes > 0;
  if (sizes && pieceBytes <= MAX_PIECE_BYTES && pieces.pieces.length === Math.ceil(bytes / pieceBytes)) return;
  throw new EngineryError("document-invalid", "The list of the archive's pieces contradicts itself.", {
    context: { bytes, pieceBytes, pieces: pieces.pieces.length },
  });
}

function requireHash(piece: Uint8Array, pieces: Pieces, index: number): void {
  const found = createHash("sha256").update(piece).digest("hex");
  const expected = pieces.pieces[index];
  if (found === expected) return;
  throw new EngineryError("hash-mismatch", `Piece ${index} of the archive is not the one that was signed.`, {
    context: { piece: index, offset: index * pieces.pieceBytes, expected, found },
  });
}

function wrongLength(pieces: Pieces, received: number): EngineryError {
  const comparison = received > pieces.bytes ? "more bytes than" : `${received} bytes instead of`;
  return new EngineryError("length-mismatch", `The archive has ${comparison} the ${pieces.bytes} that were signed.`, {
    context: { expected: pieces.bytes, found: received },
  });
}
