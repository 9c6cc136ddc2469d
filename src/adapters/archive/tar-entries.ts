import type { EntryPolicy } from "../../core/entry-policy.ts";
import type { TreeSink } from "../../ports/archive.ts";
import { type CheckedFile, openFile } from "./checked-file.ts";
import { malformed } from "./refusal.ts";
import { BLOCK_BYTES, type HeaderBlock, readHeaderBlock } from "./tar-header.ts";
import { LibraryHeaders } from "./tar-library.ts";
import { checkLongName, checkPax, MAX_META_BYTES, sizesAgree } from "./tar-names.ts";

/** An extended header on its way. */
interface Meta {
  readonly kind: Exclude<HeaderBlock["kind"], "zero" | "file" | "directory">;
  readonly bytes: number;
  readonly block: Buffer;
  readonly parts: Uint8Array[];
  left: number;
}

/**
 * Reads a decompressed tar in order. Each header is checked raw, then read by the library `tar`, and both must say the same of it; the entry is
 * held against the policy, and only then does its content go to the sink.
 */
export class TarEntries {
  readonly #policy: EntryPolicy;
  readonly #sink: TreeSink;
  readonly #library = new LibraryHeaders();

  readonly #block = Buffer.alloc(BLOCK_BYTES);
  #filled = 0;
  #zeroBlocks = 0;
  #meta: Meta | undefined;
  #extended: { readonly kind: "pax" | "long-name"; readonly size: number | undefined } | undefined;
  /** Of the entry that is open: its content, and the zeros that fill its last block. */
  #contentLeft = 0;
  #paddingLeft = 0;
  #file: CheckedFile | undefined;

  constructor(policy: EntryPolicy, sink: TreeSink) {
    this.#policy = policy;
    this.#sink = sink;
  }

  /** `bytes` may be cut anywhere, and are done with on return. Errors: `archive-hostile`, `archive-malformed`, `tree-mismatch`, and those of the sink. */
  push(bytes: Uint8Array): void {
    let position = 0;
    while (position < bytes.length) {
      if (this.#zeroBlocks === 2) position += requireZeros(bytes.subarray(position));
      else if (this.#contentLeft > 0) position += this.#pushContent(bytes, position);
      else if (this.#paddingLeft > 0) position += this.#pushPadding(bytes.length - position);
      else position += this.#pushBlock(bytes, position);
    }
  }

  /** Errors: `archive-malformed`, `tree-mismatch` where a file has not come. */
  end(): void {
    if (this.#zeroBlocks !== 2 || this.#filled !== 0) throw malformed("it ends before its end mark");
    this.#policy.requireComplete();
  }

  /** Nothing of a file that was begun may stay. */
  abandon(): void {
    this.#file?.abandon();
    this.#file = undefined;
  }

  #pushBlock(bytes: Uint8Array, position: number): number {
    const part = bytes.subarray(position, position + BLOCK_BYTES - this.#filled);
    this.#block.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled === BLOCK_BYTES) {
      this.#filled = 0;
      if (this.#meta === undefined) this.#header();
      else this.#metaBlock(this.#meta);
    }
    return part.length;
  }

  #header(): void {
    const header = readHeaderBlock(this.#block);
    if (header.kind === "zero") this.#zeroBlock();
    else if (this.#zeroBlocks > 0) throw malformed("entries follow a block of zeros");
    else if (header.kind === "file" || header.kind === "directory") this.#entry(header.kind, header.bytes);
    else this.#beginMeta(header.kind, header.bytes);
  }

  #beginMeta(kind: Meta["kind"], bytes: number): void {
    if (this.#extended !== undefined) throw malformed("two extended headers stand before one entry");
    if (bytes === 0) throw malformed("an extended header is empty");
    if (bytes > MAX_META_BYTES) throw malformed(`an extended header has more than ${MAX_META_BYTES} bytes`);
    this.#meta = { kind, bytes, block: Buffer.from(this.#block), parts: [], left: bytes };
  }

  #zeroBlock(): void {
    if (this.#extended !== undefined) throw malformed("an extended header stands before no entry");
    this.#zeroBlocks += 1;
  }

  #metaBlock(meta: Meta): void {
    meta.parts.push(Buffer.from(this.#block));
    meta.left -= BLOCK_BYTES;
    if (meta.left > 0) return;
    this.#meta = undefined;
    const content = Buffer.concat(meta.parts).subarray(0, meta.bytes);
    if (meta.kind === "long-name") {
      checkLongName(content);
      this.#extended = { kind: "long-name", size: undefined };
    } else {
      const { size } = checkPax(content, meta.kind === "global-pax");
      if (meta.kind === "pax") this.#extended = { kind: "pax", size };
    }
    this.#library.extend(meta.kind, meta.block, content);
  }

  #entry(kind: "file" | "directory", own: number): void {
    const size = this.#extended?.size;
    this.#extended = undefined;
    if (!sizesAgree(size, own)) throw malformed("an entry's two headers say different sizes");
    const bytes = size ?? own;
    const entry = this.#library.entry(this.#block);
    // Two readers, one meaning: where they differ, somebody else's reader would differ too.
    if (entry.kind !== kind || entry.bytes !== bytes) throw malformed("an entry can be read in two ways");
    const verdict = this.#policy.judge(entry);
    this.#file = "take" in verdict ? openFile(verdict.take, this.#sink) : undefined;
    this.#contentLeft = bytes;
    this.#paddingLeft = (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES;
    if (bytes === 0) this.#finishEntry();
  }

  #pushContent(bytes: Uint8Array, position: number): number {
    const part = bytes.subarray(position, position + this.#contentLeft);
    this.#contentLeft -= part.length;
    this.#file?.write(part);
    if (this.#contentLeft === 0) this.#finishEntry();
    return part.length;
  }

  #pushPadding(available: number): number {
    const count = Math.min(this.#paddingLeft, available);
    this.#paddingLeft -= count;
    return count;
  }

  #finishEntry(): void {
    this.#file?.finish();
    this.#file = undefined;
  }
}

function requireZeros(bytes: Uint8Array): number {
  if (bytes.some((byte) => byte !== 0)) throw malformed("something follows its end mark");
  return bytes.length;
}
