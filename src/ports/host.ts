import type { Lease } from "../core/model/home.ts";
import type { HostAbilities } from "../core/model/program.ts";

/** What the machine and this process are. */
export interface Host {
  /** `linux-x64`, `linux-x64-musl`, `darwin-arm64`, `win32-x64`. */
  readonly platform: string;
  readonly userId: number | undefined;
  /** What the system calls that account; undefined where it does not tell. */
  accountName?(id: number): string | undefined;
  /** Its number; undefined where the system knows no such group, or does not tell. */
  groupId?(name: string): number | undefined;
  /** Absolute path of the program that launchers hand over to; absent where it is not known. */
  readonly command?: string;
  /** Absolute path of the file that runs, links followed: the single file, or the script that Node was given. */
  readonly program?: string | undefined;
  /** This process, as a lease names its owner. */
  self(): ProcessIdentity;
  /** Start time of a process of this pid namespace, as in Lease.started; null: no such process; undefined: the OS does not tell. */
  startedOf(pid: number): string | null | undefined;
  /** When the machine was started, in milliseconds since 1970, by its own clock; undefined where the OS does not tell. */
  bootedMs?(): number | undefined;
  /** What programs find here; looked for when it is first asked for. */
  abilities(): HostAbilities;
  /** Both ways in which a lease of this pid namespace may name it. */
  namespaces(): readonly string[];
}

export type ProcessIdentity = Pick<Lease, "pid" | "started" | "boot" | "machine" | "namespace">;
