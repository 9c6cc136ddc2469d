import { EngineryError } from "../errors.ts";

/** What a new file is made of, from its beginning: parts of the old one, bytes, and what is put in. */
export type Piece =
  | { readonly from: number; readonly length: number }
  | { readonly bytes: Uint8Array }
  | { readonly content: true };

export interface Insertion {
  readonly pieces: readonly Piece[];
  /** Where the content will lie in the new file. */
  readonly section: Section;
  /** The old file was signed; the new one is not. */
  readonly signatureRemoved: boolean;
}

export interface Section {
  readonly name: string;
  readonly offset: number;
  /** PE rounds it up. */
  readonly bytes: number;
}

/** What is put in begins at a whole page, so that it can be mapped as it lies. */
export const PAGE_BYTES = 4096;

/** Errors: `document-invalid` where several have the name. */
export function named(sections: readonly Section[], asked: string): Section | undefined {
  const [first, second] = sections.filter(({ name }) => name === asked);
  if (second !== undefined) throw unfit(`has several sections ${asked}`);
  return first === undefined ? undefined : { name: first.name, offset: first.offset, bytes: first.bytes };
}

/** `what` as the end of a sentence that begins with the file. */
export function unfit(what: string): EngineryError {
  return new EngineryError("document-invalid", what);
}

/** Whether `length` bytes from `offset` lie within `all`. */
export function isWithin(offset: number, length: number, all: number): boolean {
  return offset >= 0 && length >= 0 && offset + length <= all;
}

export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

export const zeros = (length: number): Piece => ({ bytes: new Uint8Array(length) });

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
