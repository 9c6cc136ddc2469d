/** What `watch` raises an alarm for, and what each says: the closed list that config.json, metrics and docs/operations/watch.md share. */
export const ALARM_KINDS = {
  "next-not-installed": "The next release is not installed here, and an upgrade has tried.",
  "next-damaged": "Files of the next release are not what was signed.",
  "next-not-provable": "The next release does not run on this host, or is known bad here.",
  "next-withdrawn": "The publisher has withdrawn the next release.",
  "in-effect-not-installed": "The release in effect is not installed here: nothing runs for its engine.",
  "in-effect-damaged": "Files of the release in effect are not what was signed.",
  "in-effect-not-provable": "The release in effect does not run on this host.",
  "in-effect-withdrawn": "The publisher has withdrawn the release in effect; it still runs.",
  "late-change": "The schedule was changed for an epoch that had begun here.",
  "epoch-unknown": "The epoch sources have told nothing that can be taken, or what was observed is too old.",
  "epoch-not-recorded": "The epoch was read and could not be written down.",
  "source-failing": "Epoch sources do not answer, and enough others do.",
  "source-disagreement": "Epoch sources say far other epochs than the others.",
  "trust-expires": "Signed metadata has expired, or does before it is needed.",
  "disk-low": "Too little of the disk is free.",
  "upgrade-failed": "Upgrades fail.",
  "home-unreadable": "Records of the home cannot be read.",
} as const satisfies Readonly<Record<string, string>>;

export type AlarmKind = keyof typeof ALARM_KINDS;

export function isAlarmKind(text: string): text is AlarmKind {
  return Object.hasOwn(ALARM_KINDS, text);
}
