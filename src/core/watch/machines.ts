import type { Machine } from "./machine.ts";

/** How the epoch sources are followed. */
export type FollowMode = "starting" | "following" | "silent" | "doubting" | "unrecorded" | "unknown" | "stopped";
export type FollowEvent =
  /** The sources told an epoch, and the home has it on disk. */
  | "seen"
  /** They told one that is not taken: lower than what was seen, or too far ahead. */
  | "refused"
  /** They told none; what was observed before still counts. */
  | "unread"
  /** They told none, and what was observed before is too old, or there is nothing. */
  | "forgotten"
  /** They told one, and it could not be written. */
  | "unwritten"
  | "stop";
/** `announce`: tell the service manager, once, that readers have their answer. */
export type FollowAction = "announce" | "assess" | "wait" | "back-off" | "take-leave";

const FOLLOWED = ["following", "silent", "doubting", "unrecorded", "unknown"] as const;
const ANY = ["starting", ...FOLLOWED] as const;

export const FOLLOW: Machine<FollowMode, FollowEvent, FollowAction> = {
  begins: "starting",
  table: [
    { from: ANY, on: "seen", to: "following", does: ["announce", "assess", "wait"] },
    { from: ANY, on: "refused", to: "doubting", does: ["announce", "assess", "back-off"] },
    { from: ANY, on: "unread", to: "silent", does: ["announce", "assess", "back-off"] },
    { from: ["starting"], on: "forgotten", to: "starting", does: ["assess", "back-off"] },
    { from: FOLLOWED, on: "forgotten", to: "unknown", does: ["assess", "back-off"] },
    { from: ["starting"], on: "unwritten", to: "starting", does: ["assess", "back-off"] },
    { from: FOLLOWED, on: "unwritten", to: "unrecorded", does: ["assess", "back-off"] },
    { from: [...ANY, "stopped"], on: "stop", to: "stopped", does: ["take-leave"] },
  ],
};

/** How the releases are kept: taken from the publisher, and proven ahead of their epoch. */
export type KeepMode = "waiting" | "upgrading" | "proving" | "stopped";
export type KeepEvent =
  /** It is time to ask the publisher, or a release that is due is not here. */
  | "check-due"
  /** A release has come within the lead, or the last proof is too old. */
  | "proof-due"
  | "upgraded"
  /** An operator's hold, a rollback, or --offline. */
  | "held"
  | "failed"
  | "proven"
  | "stop";
export type KeepAction = "upgrade" | "prove" | "assess" | "take-leave";

export const KEEP: Machine<KeepMode, KeepEvent, KeepAction> = {
  begins: "waiting",
  table: [
    { from: ["waiting"], on: "check-due", to: "upgrading", does: ["upgrade"] },
    { from: ["waiting"], on: "proof-due", to: "proving", does: ["prove"] },
    { from: ["upgrading"], on: "upgraded", to: "proving", does: ["prove"] },
    { from: ["upgrading"], on: "held", to: "proving", does: ["prove"] },
    { from: ["upgrading"], on: "failed", to: "proving", does: ["prove"] },
    { from: ["proving"], on: "proven", to: "waiting", does: ["assess"] },
    { from: ["waiting", "upgrading", "proving", "stopped"], on: "stop", to: "stopped", does: ["take-leave"] },
  ],
};

/** One alarm. */
export type AlarmMode = "quiet" | "firing";
export type AlarmEvent =
  | "found"
  /** As before: no epoch nearer, and told not long ago. */
  | "same"
  /** Fewer epochs are left than when it was last told. */
  | "nearer"
  /** It was last told an hour ago, and no epoch counts down. */
  | "reminded"
  | "mended";
export type AlarmAction = "tell" | "tell-cleared";

export const ALARM: Machine<AlarmMode, AlarmEvent, AlarmAction> = {
  begins: "quiet",
  table: [
    { from: ["quiet"], on: "found", to: "firing", does: ["tell"] },
    { from: ["firing"], on: "same", to: "firing", does: [] },
    { from: ["firing"], on: "nearer", to: "firing", does: ["tell"] },
    { from: ["firing"], on: "reminded", to: "firing", does: ["tell"] },
    { from: ["firing"], on: "mended", to: "quiet", does: ["tell-cleared"] },
  ],
};
