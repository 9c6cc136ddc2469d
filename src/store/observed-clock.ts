import { isEngineryError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { Observation } from "../core/model/home.ts";
import { parseObservation } from "../core/parse-home.ts";
import type { Ground } from "./ground.ts";
import { RECORD_MODE } from "./layout.ts";
import type { Ledger } from "./ledger.ts";

/** The last epoch seen, and from where. */
export interface ObservedClock {
  /** Its lock lies here, apart from the writer lock: an upgrade may take hours. */
  readonly folder: string;
  /** Errors: `home-damaged`. */
  read(): Observation | undefined;
  /** Durable when it returns; says nothing about order: whether a lower epoch is taken is for core to decide. */
  write(observation: Omit<Observation, "ledger">): void;
  /** Removes an observation that cannot be read: the epoch is unknown then. */
  discard(): void;
}

/** clock/observed.json: one line of canonical JSON, which the launchers read as it is. It remembers what was open in the ledger. */
export function observedClockOf({ layout, durable, reading }: Ground, ledger: Pick<Ledger, "open">): ObservedClock {
  const read = () => reading.record(layout.observed, parseObservation);

  function remembered(): Observation["ledger"] {
    try {
      return read()?.ledger;
    } catch (error) {
      if (isEngineryError(error, "home-damaged")) return undefined;
      throw error;
    }
  }

  return {
    folder: layout.folder("clock"),
    read,
    discard: () => {
      durable.unlink(layout.observed);
    },
    write: (observation) => {
      const open = ledger.open(remembered());
      const record: Observation = { ...observation, ...(open.length === 0 ? {} : { ledger: open }) };
      durable.replace(layout.observed, withNewline(canonicalJson(record)), RECORD_MODE);
    },
  };
}

/** A shell's `read` counts a line only with its end. */
function withNewline(bytes: Uint8Array): Uint8Array {
  const line = new Uint8Array(bytes.byteLength + 1);
  line.set(bytes);
  line[bytes.byteLength] = 0x0a;
  return line;
}
