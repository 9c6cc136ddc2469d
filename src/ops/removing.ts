/** What `uninstall` asks and answers. */
import type { ChangeRequest } from "./requests.ts";

export interface UninstallRequest extends ChangeRequest {
  /** Absolute path of what install.sh wrote down. */
  readonly receipt: string;
  /** The home with its engines, too. */
  readonly purge: boolean;
}

export interface UninstallResult {
  /** In the order in which it went. */
  readonly removed: readonly { readonly kind: string; readonly path: string }[];
  readonly kept: readonly { readonly kind: string; readonly path: string; readonly why: string }[];
  /** Null: --purge was not said, or there is no home. */
  readonly home: { readonly path: string; readonly freedBytes: number } | null;
  readonly dryRun?: true;
}
