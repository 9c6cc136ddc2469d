import { Header, Pax } from "tar";
import { malformed } from "./refusal.ts";

/** An entry as the library reads it. */
export interface LibraryEntry {
  readonly path: string;
  readonly kind: "file" | "directory";
  readonly bytes: number;
}

/** What an extended header may be, and what the library calls it. */
const EXTENDED = {
  pax: "ExtendedHeader",
  "global-pax": "GlobalExtendedHeader",
  "long-name": "NextFileHasLongPath",
} as const;
const KINDS: Readonly<Record<string, LibraryEntry["kind"]>> = {
  File: "file",
  OldFile: "file",
  Directory: "directory",
};

/**
 * The second reader of every header: `tar`'s own Header and Pax, and nothing of its streams, through which two hundred megabytes of content
 * would pass to no end. Errors: `archive-malformed`.
 */
export class LibraryHeaders {
  #extended: Pax | undefined;

  /** `block`: the extended header's own; `content` is what it says of the next entry. */
  extend(kind: keyof typeof EXTENDED, block: Buffer, content: Uint8Array): void {
    const header = read(block);
    if (header.type !== EXTENDED[kind] || header.size !== content.length)
      throw malformed("an extended header can be read in two ways");
    const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString("utf8");
    // a global one says nothing but comments
    if (kind === "pax") this.#extended = Pax.parse(text, this.#extended);
    if (kind === "long-name") this.#extended = new Pax({ ...this.#extended, path: text.replace(/\0.*/, "") });
  }

  /** The entry of `block`, and of the extended header before it. */
  entry(block: Buffer): LibraryEntry {
    const extended = this.#extended;
    this.#extended = undefined;
    const header = read(block, extended);
    const kind = KINDS[header.type];
    const path = extended?.path ?? header.path;
    if (kind === undefined || !path) throw malformed("an entry cannot be read");
    return { path, kind, bytes: header.size ?? 0 };
  }
}

function read(block: Buffer, extended?: Pax): Header {
  let header: Header;
  try {
    header = new Header(block, 0, extended);
  } catch (error) {
    throw malformed("a header cannot be read", {}, error);
  }
  if (!header.cksumValid || !header.path || header.linkpath) throw malformed("a header cannot be read");
  return header;
}
