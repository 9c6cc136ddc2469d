import type { Stage, StagedRelease } from "./stage.ts";

/** Disposable at any time, but for what a living operation owns. */
export interface Staging {
  begin(operation: string, release: StagedRelease): Stage;
  /** Removes what dead operations left; answers the bytes freed. */
  sweep(): number;
  /** Removes what was moved aside (`installations.toTrash`); answers the bytes freed. */
  sweepTrash(): number;
}
