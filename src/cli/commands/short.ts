import { OBSERVE } from "./observe.ts";
import { PIN, PINS, UNPIN } from "./pin.ts";
import { USE } from "./records.ts";
import { ROLLBACK } from "./rollback.ts";
import { LIST, STATUS } from "./standing.ts";
import { CHECK, UPGRADE } from "./upgrade.ts";
import type { Verb } from "./verb.ts";
import { EXEC, WHICH } from "./which.ts";

/** Verbs of the table that are over soon and asked often: a call of one of these loads neither the others nor the whole parser. */
export const SHORT_VERBS: readonly Verb[] = [
  WHICH,
  EXEC,
  LIST,
  STATUS,
  PIN,
  UNPIN,
  PINS,
  OBSERVE,
  CHECK,
  UPGRADE,
  ROLLBACK,
  USE,
];
