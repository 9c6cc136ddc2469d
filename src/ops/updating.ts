/** What `self-update` asks and answers. */
import type { Version } from "../core/model/manifest.ts";
import type { NetworkRequest } from "./requests.ts";

export interface SelfUpdateRequest extends Omit<NetworkRequest, "home"> {
  /** Absolute path of what install.sh wrote down. */
  readonly receipt: string;
  /** Look only: changes nothing. */
  readonly check: boolean;
  /** Back to the release before. */
  readonly rollback: boolean;
  /** Go on though a rollback has it hold still. */
  readonly again: boolean;
  /** This one and no other, older or not. */
  readonly to?: Version | undefined;
}

export interface SelfUpdateResult {
  /** What the command was before. */
  readonly from: Version;
  /** What it is now; of a dry run: what it would be. */
  readonly to: Version;
  /** The highest release that may be taken; null where there is none for this platform. */
  readonly offered: Version | null;
  /** Absolute: the file that the command leads to now. */
  readonly path: string;
  readonly changed: boolean;
  readonly downloadedBytes: number;
  /** Why nothing was taken though there may be something. */
  readonly held?: string;
  readonly dryRun?: true;
}
