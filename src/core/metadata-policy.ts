/**
 * What TUF leaves open and a channel's repository does not use. What is not named here holds whatever the policy: strict JSON,
 * members once, keys under their true ids and counted once, hashes that say something, versions, thresholds from 1, instants.
 */
export interface MetadataPolicy {
  /** A root may do without consistent snapshots. */
  readonly plainSnapshots: boolean;
  /** Targets may delegate; a snapshot then names more than `targets.json`. */
  readonly delegations: boolean;
  /** Timestamp and snapshot may name a file by its version alone; a file may be signed by sha512 alone. */
  readonly sparseHashes: boolean;
  /** A role may ask for more keys than it has: then nothing is ever signed for it. */
  readonly unmeetableThresholds: boolean;
  /** Which keys beyond ed25519 are taken; undefined: none. */
  readonly otherKeys: KeyIdentities | undefined;
}

/** One text for one key however it is spelt; undefined for what is no key of a known kind. */
export type KeyIdentities = (keytype: string, scheme: string, publicKey: string) => string | undefined;

/** What operators get. */
export const CHANNEL_POLICY: MetadataPolicy = {
  plainSnapshots: false,
  delegations: false,
  sparseHashes: false,
  unmeetableThresholds: false,
  otherKeys: undefined,
};
