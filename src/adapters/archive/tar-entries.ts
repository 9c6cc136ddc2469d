import { Parser, type ReadEntry } from "tar";
import type { EntryPolicy } from "../../core/entry-policy.ts";
import type { TreeSink } from "../../ports/archive.ts";
import { type CheckedFile, openFile } from "./checked-file.ts";
import { malformed } from "./refusal.ts";
import { BLOCK_BYTES, type HeaderBlock, readHeaderBlock } from "./tar-header.ts";
import { checkLongName, checkPax, MAX_META_BYTES, sizesAgree } from "./tar-names.ts";

type Header = Exclude<HeaderBlock, { kind: "zero" }>;

/**
 * Reads a decompressed tar in order. Each header is checked raw, then read by `tar`'s Parser, and both must say the same of it; the entry is
 * held against the policy, and only then does its content go to the sink. Nothing of ours runs inside the parser, so nothing can throw there.
 */
export class TarEntries {
  readonly #policy: EntryPolicy;
  readonly #sink: TreeSink;
  readonly #parser: Parser;
  #problem: Error | undefined;
  #opened: ReadEntry | undefined;
  #arrived: Uint8Array[] = [];

  readonly #block = Buffer.alloc(BLOCK_BYTES);
  #filled = 0;
  #zeroBlocks = 0;
  #meta: { readonly header: Header; readonly parts: Uint8Array[]; left: number } | undefined;
  #extended: { readonly kind: "pax" | "long-name"; readonly size: number | undefined } | undefined;
  #bodyLeft = 0;
  #file: CheckedFile | undefined;

  constructor(policy: EntryPolicy, sink: TreeSink) {
    this.#policy = policy;
    this.#sink = sink;
    this.#parser = new Parser({
      strict: true,
      zstd: false,
      brotli: false,
      maxMetaEntrySize: MAX_META_BYTES,
      onReadEntry: (entry) => {
        this.#opened = entry;
      },
    });
    const keep = (error: unknown) => {
      this.#problem ??= error instanceof Error ? error : new Error(String(error));
    };
    this.#parser.on("error", keep);
    this.#parser.on("ignoredEntry", (entry: ReadEntry) => keep(new Error(`entry ignored: ${String(entry.type)}`)));
  }

  /** `bytes` may be cut anywhere, and are done with on return. Errors: `archive-hostile`, `archive-malformed`, `tree-mismatch`, and those of the sink. */
  push(bytes: Uint8Array): void {
    let position = 0;
    while (position < bytes.length) {
      if (this.#zeroBlocks === 2) position += requireZeros(bytes.subarray(position));
      else position += this.#bodyLeft > 0 ? this.#pushBody(bytes, position) : this.#pushBlock(bytes, position);
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
    else this.#beginMeta(header);
  }

  #beginMeta(header: Header): void {
    if (this.#extended !== undefined) throw malformed("two extended headers stand before one entry");
    if (header.bytes === 0) throw malformed("an extended header is empty");
    if (header.bytes > MAX_META_BYTES) throw malformed(`an extended header has more than ${MAX_META_BYTES} bytes`);
    this.#meta = { header, parts: [Buffer.from(this.#block)], left: header.bytes };
  }

  #zeroBlock(): void {
    if (this.#extended !== undefined) throw malformed("an extended header stands before no entry");
    this.#zeroBlocks += 1;
  }

  #metaBlock(meta: { readonly header: Header; readonly parts: Uint8Array[]; left: number }): void {
    meta.parts.push(Buffer.from(this.#block));
    meta.left -= BLOCK_BYTES;
    if (meta.left > 0) return;
    this.#meta = undefined;
    const whole = Buffer.concat(meta.parts);
    const content = whole.subarray(BLOCK_BYTES, BLOCK_BYTES + meta.header.bytes);
    if (meta.header.kind === "long-name") {
      checkLongName(content);
      this.#extended = { kind: "long-name", size: undefined };
    } else {
      const { size } = checkPax(content, meta.header.kind === "global-pax");
      if (meta.header.kind === "pax") this.#extended = { kind: "pax", size };
    }
    this.#parse(whole);
  }

  #entry(kind: "file" | "directory", own: number): void {
    const size = this.#extended?.size;
    this.#extended = undefined;
    if (!sizesAgree(size, own)) throw malformed("an entry's two headers say different sizes");
    const bytes = size ?? own;
    this.#opened = undefined;
    this.#parse(Buffer.from(this.#block));
    const entry = this.#requireEntry(kind, bytes);
    const verdict = this.#policy.judge({ path: entry.path, kind, bytes });
    const take = "take" in verdict ? verdict.take : undefined;
    this.#file = take === undefined ? undefined : openFile(take, this.#sink);
    if (take === undefined) entry.resume();
    else entry.on("data", (chunk) => this.#arrived.push(chunk));
    this.#bodyLeft = Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
    if (this.#bodyLeft === 0) this.#finishEntry();
  }

  /** Two readers, one meaning: where they differ, somebody else's reader would differ too. */
  #requireEntry(kind: "file" | "directory", bytes: number): ReadEntry {
    const entry: ReadEntry | undefined = this.#opened;
    const types = kind === "directory" ? ["Directory"] : ["File", "OldFile"];
    if (entry === undefined) throw malformed("an entry cannot be read");
    if (!types.includes(entry.type) || entry.size !== bytes) throw malformed("an entry can be read in two ways");
    return entry;
  }

  /** Whole blocks: what is less the parser would keep as it is, and `bytes` are not ours once this returns. */
  #pushBody(bytes: Uint8Array, position: number): number {
    const blocks = Math.min(this.#bodyLeft, bytes.length - position - ((bytes.length - position) % BLOCK_BYTES));
    if (this.#filled === 0 && blocks > 0) {
      this.#body(Buffer.from(bytes.buffer, bytes.byteOffset + position, blocks));
      return blocks;
    }
    const part = bytes.subarray(position, position + BLOCK_BYTES - this.#filled);
    this.#block.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled === BLOCK_BYTES) {
      this.#filled = 0;
      this.#body(this.#block);
    }
    return part.length;
  }

  #body(blocks: Buffer): void {
    this.#bodyLeft -= blocks.length;
    this.#parse(blocks);
    for (const chunk of this.#arrived.splice(0)) this.#file?.write(chunk);
    if (this.#bodyLeft === 0) this.#finishEntry();
  }

  #finishEntry(): void {
    this.#file?.finish();
    this.#file = undefined;
  }

  #parse(bytes: Buffer): void {
    try {
      this.#parser.write(bytes);
    } catch (error) {
      throw malformed("a header cannot be read", {}, error);
    }
    if (this.#problem !== undefined) throw malformed(this.#problem.message, {}, this.#problem);
  }
}

function requireZeros(bytes: Uint8Array): number {
  if (bytes.some((byte) => byte !== 0)) throw malformed("something follows its end mark");
  return bytes.length;
}
