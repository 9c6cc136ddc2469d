import type { FoundServiceFile, ServiceManager, ServiceName, ServicePlace } from "../core/service/files.ts";

export type { FoundServiceFile, ServiceManager, ServiceName } from "../core/service/files.ts";

export interface ServiceRequest extends Omit<ServicePlace, "command"> {
  /** Absolute; undefined: the program that runs. */
  readonly command: string | undefined;
  readonly services: readonly ServiceName[];
}

export interface ServiceChangeRequest extends ServiceRequest {
  /** Replace or remove what somebody changed. */
  readonly changedToo: boolean;
  readonly dryRun: boolean;
}

export interface ServiceStatus {
  readonly manager: ServiceManager;
  readonly files: readonly { readonly path: string; readonly found: FoundServiceFile }[];
}

export interface InstallServiceResult extends ServiceStatus {
  /** What was written, or would be: path and whole text. */
  readonly written: readonly { readonly path: string; readonly text: string }[];
  /** What a person says next to have it started. */
  readonly next: readonly string[];
  readonly dryRun?: true;
}

export interface RemoveServiceResult {
  readonly manager: ServiceManager;
  readonly removed: readonly string[];
  readonly kept: readonly { readonly path: string; readonly why: "changed" }[];
  /** What a person says so that the manager forgets it. */
  readonly next: readonly string[];
  readonly dryRun?: true;
}
