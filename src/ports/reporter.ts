/** Where operations tell what they do. Never the result: that is returned. */
export interface Reporter {
  /** A step that a person may want to see under -v. */
  note(message: string): void;
  warn(code: WarningCode, message: string): void;
  /** One bar; `total` in bytes, or undefined where it is not known. */
  progress(label: string, total: number | undefined): ProgressBar;
}

export type WarningCode =
  | "epoch-unknown"
  | "epoch-source"
  | "service"
  | "late-change"
  | "withdrawn-in-effect"
  | "pinned-not-promised"
  | "quarantined-in-effect"
  | "allowed-expired"
  | "expires-soon"
  | "release-failed"
  | "other-way"
  | "mirror-refused"
  | "not-run-here"
  | "not-certain"
  | "ledger"
  | "lease"
  | "derived-views"
  | "long-path"
  | "lock"
  | "cleanup";

export interface ProgressBar extends Disposable {
  advance(bytes: number): void;
}
