import type { Clock, Identifiers } from "../ports/clock.ts";
import type { Digester } from "../ports/digest.ts";
import type { FileSystem } from "../ports/file-system.ts";
import type { Hashing } from "../ports/hashing.ts";
import type { Host } from "../ports/host.ts";
import type { Removing } from "../ports/removing.ts";
import type { Reporter } from "../ports/reporter.ts";

/** What the store needs of the outside world; a World is one. */
export interface StorePorts {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly identifiers: Identifiers;
  readonly digester: Digester;
  /** Absent: all is hashed in this thread, through `fileSystem`. */
  readonly hashing?: Hashing | undefined;
  /** Absent: all is removed by this thread, through `fileSystem`. */
  readonly removing?: Removing | undefined;
  readonly host: Host;
  readonly reporter: Reporter;
}
