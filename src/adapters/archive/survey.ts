import { createHash } from "node:crypto";
import { Parser, type ReadEntry } from "tar";
import type { ArchiveSurveyor, SurveyedFile, SurveyRequest } from "../../ports/archive-survey.ts";
import { decompress } from "./decoder.ts";
import { hostile, malformed } from "./refusal.ts";
import { MAX_META_BYTES } from "./tar-names.ts";

const MAX_FILES = 100_000;

/**
 * What an archive holds, for a publisher who makes a tree of it. Looser than the reader in what it takes for well formed: whoever
 * surveys lets the reader unpack the same bytes against the tree that came of it, so that a client will.
 */
export function createArchiveSurveyor(): ArchiveSurveyor {
  return { survey };
}

async function survey({ format, bytes, chunks, maxBytes }: SurveyRequest): Promise<readonly SurveyedFile[]> {
  const parser = new SurveyParser();
  let unpacked = 0;
  await decompress(format, bytes, chunks, (part) => {
    unpacked += part.length;
    if (unpacked > maxBytes) throw hostile(`it decompresses to more than ${maxBytes} bytes`, { limit: maxBytes });
    parser.push(part);
  });
  return parser.files;
}

/** Nothing of ours throws inside the library's callbacks: a problem is kept, and thrown by `push`. */
class SurveyParser {
  readonly files: SurveyedFile[] = [];
  readonly #parser: Parser;
  #problem: Error | undefined;

  constructor() {
    this.#parser = new Parser({
      strict: true,
      zstd: false,
      brotli: false,
      maxMetaEntrySize: MAX_META_BYTES,
      onReadEntry: (entry) => this.#entry(entry),
    });
    this.#parser.on("error", (error: unknown) => {
      this.#problem ??= malformed(error instanceof Error ? error.message : String(error));
    });
    this.#parser.on("ignoredEntry", (entry: ReadEntry) => {
      this.#problem ??= hostile(`it holds an entry of the kind ${String(entry.type)}`, { path: entry.path });
    });
  }

  push(bytes: Uint8Array): void {
    try {
      // a copy: the parser keeps what is left of a header until the rest of it comes
      this.#parser.write(Buffer.from(bytes));
    } catch (error) {
      throw malformed("a header cannot be read", {}, error);
    }
    if (this.#problem !== undefined) throw this.#problem;
  }

  #entry(entry: ReadEntry): void {
    if (entry.type === "Directory") {
      entry.resume();
      return;
    }
    if (entry.type !== "File" && entry.type !== "OldFile")
      this.#problem ??= hostile(`it holds an entry of the kind ${entry.type}`, { path: entry.path });
    if (this.files.length >= MAX_FILES) this.#problem ??= hostile(`it holds more than ${MAX_FILES} files`);
    const hash = createHash("sha256");
    entry.on("data", (chunk) => hash.update(chunk));
    entry.on("end", () => {
      this.files.push({
        path: entry.path.replace(/^\.\//, ""),
        bytes: entry.size,
        sha256: hash.digest("hex"),
        executable: ((entry.mode ?? 0) & 0o111) !== 0,
      });
    });
  }
}
