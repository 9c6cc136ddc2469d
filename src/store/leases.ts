import type { Lease } from "../core/model/home.ts";
import type { Epoch, Version } from "../core/model/manifest.ts";

/** What a process wants to run. */
export interface Claim {
  readonly engine: string;
  readonly version: Version;
  readonly tenant?: string;
  readonly epoch?: Epoch;
}

export interface Leases {
  /**
   * Writes the claim of this process, then looks for a mark and the installation: withdraws and throws `marked`,
   * `release-not-installed`. Disposing removes it.
   */
  take(claim: Claim): Lease & Disposable;
  /** A lease that cannot be read is answered with what its name tells, and never counts as gone. */
  all(): Lease[];
  remove(id: string): boolean;
  /** Removes the leases whose process is gone; answers how many. */
  sweep(): number;
  /** `foreign`: of another machine or pid namespace, or incomplete. */
  state(lease: Lease): "alive" | "gone" | "foreign";
}
