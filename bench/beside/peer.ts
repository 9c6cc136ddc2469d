import type { Verb } from "../run/options.ts";

/**
 * What is measured beside what. All commands are for `sh -e`, in a folder of the peer's own in each round, with:
 * OLD and NEW, the two trees; TARS, the folder of their archives; PUB, the peer's own folder on the server; URL, where it is
 * served; BASE, where all is served; ENGINERY, the command; NODE.
 */
export interface Peer {
  readonly name: string;
  /** Programs without which it cannot be. */
  readonly needs: readonly string[];
  /** Prints its version; a word or two. */
  readonly version: string;
  /** Makes its repository, once. */
  readonly publish?: string;
  /** Needs the libraries that came with the peers. */
  readonly ownLibraries?: boolean;
  readonly verbs: Partial<Readonly<Record<Verb, Way>>>;
}

export interface Way {
  readonly command: string;
  /** Not measured. */
  readonly before?: string;
  /** Not told: other verbs of its need it. */
  readonly quiet?: boolean;
  /** What it checks and syncs, for the table. */
  readonly does?: string;
}
