import type { EntryPoint, Epoch, Sha256, Version } from "./manifest.ts";

/** The exact answer to "which engine is in effect for this tenant at this epoch?". */
export interface Resolution {
  readonly engine: string;
  readonly version: Version;
  readonly tree: Sha256;
  /** Name and path (within the installation) of the entry point asked for. */
  readonly entry: string;
  readonly entryPoint: EntryPoint;
  /** The epoch that the answer depends on; null where it depends on none. */
  readonly epoch: Epoch | null;
  readonly because: "pin" | "schedule" | "explicit" | "selected";
}
