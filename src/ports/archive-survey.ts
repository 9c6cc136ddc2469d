import type { Sha256 } from "../core/model/manifest.ts";

/** Reads an archive that nobody has signed yet, to learn what is in it; the publisher's side of ArchiveReader. */
export interface ArchiveSurveyor {
  /**
   * One pass, memory bounded. Regular files and folders only, each file hashed.
   * Errors: `archive-hostile`, `archive-malformed`.
   */
  survey(request: SurveyRequest): Promise<readonly SurveyedFile[]>;
}

export interface SurveyRequest {
  readonly format: "tar.zst" | "tar.gz";
  /** Size of the archive. */
  readonly bytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** More unpacked bytes than this: `archive-hostile`. */
  readonly maxBytes: number;
}

export interface SurveyedFile {
  /** As written in the archive, a leading `./` taken off. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Sha256;
  /** Any executable bit is set. */
  readonly executable: boolean;
}
