import { COMPLETION } from "./completion.ts";
import { EMBED } from "./embed.ts";
import { HISTORY } from "./history.ts";
import { HOLD, UNHOLD } from "./hold.ts";
import { INSTALL } from "./install.ts";
import { OBSERVE } from "./observe.ts";
import { PIN, PINS, UNPIN } from "./pin.ts";
import { PRUNE } from "./prune.ts";
import { READY } from "./ready.ts";
import { DOCTOR, QUARANTINE, QUARANTINE_LIFT, USE } from "./records.ts";
import { REPO_ADD } from "./repo/add.ts";
import { REPO_DEPLOY, REPO_RETIRE, REPO_RULES, REPO_WITHDRAW } from "./repo/draft.ts";
import { REPO_EXPORT } from "./repo/export.ts";
import { REPO_INIT } from "./repo/init.ts";
import { REPO_REFRESH_TIMESTAMP, REPO_ROTATE_ROOT, REPO_SIGN } from "./repo/sign.ts";
import { REPO_PRUNE, REPO_VERIFY } from "./repo/upkeep.ts";
import { ROLLBACK } from "./rollback.ts";
import { SCHEDULE } from "./schedule.ts";
import { SELF_UPDATE } from "./self-update.ts";
import { SERVICE_INSTALL, SERVICE_REMOVE, SERVICE_STATUS } from "./service.ts";
import { LIST, STATUS } from "./standing.ts";
import { UNINSTALL } from "./uninstall.ts";
import { CHECK, UPGRADE } from "./upgrade.ts";
import type { Verb } from "./verb.ts";
import { VERIFY } from "./verify.ts";
import { WATCH } from "./watch.ts";
import { EXEC, WHICH } from "./which.ts";

/** Every verb there is, in the order of help and docs. */
export const VERBS: readonly Verb[] = [
  INSTALL,
  UPGRADE,
  CHECK,
  VERIFY,
  ROLLBACK,
  PRUNE,
  USE,
  PIN,
  UNPIN,
  WHICH,
  EXEC,
  LIST,
  STATUS,
  SCHEDULE,
  READY,
  PINS,
  HISTORY,
  OBSERVE,
  WATCH,
  HOLD,
  UNHOLD,
  QUARANTINE,
  QUARANTINE_LIFT,
  DOCTOR,
  EMBED,
  REPO_INIT,
  REPO_ADD,
  REPO_DEPLOY,
  REPO_RETIRE,
  REPO_WITHDRAW,
  REPO_RULES,
  REPO_SIGN,
  REPO_REFRESH_TIMESTAMP,
  REPO_ROTATE_ROOT,
  REPO_VERIFY,
  REPO_EXPORT,
  REPO_PRUNE,
  SELF_UPDATE,
  SERVICE_INSTALL,
  SERVICE_STATUS,
  SERVICE_REMOVE,
  UNINSTALL,
  COMPLETION,
];
