import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENGINE } from "../../large-home.ts";
import type { Axis } from "../axis.ts";
import { follow, installed, newestVersions, publishAfter } from "../homes.ts";
import { PLAIN, type Shelf } from "../shelf.ts";
import { exec, FLAT, ONCE, shell, telling, verb } from "../verbs.ts";

const FIRST = '--quiet --home "$FIRST_HOME"';

/** A signed manifest of so many releases, every one deployed; the newest alone is installed. */
export function channelAxis(shelf: () => Shelf): Axis {
  return {
    name: "releases of the channel",
    unit: "releases",
    ordinary: 100,
    sizes: [10, 100, 1_000, 10_000],
    make: async (folder, size) => {
      const followed = await follow(shelf(), folder, size);
      await installed(folder, followed, newestVersions(size, 1));
      await publishAfter(folder, size);
      writeFileSync(join(folder, "epoch"), followed.env["EPOCH"] ?? "");
      return { ...followed.env, FIRST_HOME: join(folder, "first") };
    },
    verbs: [
      shell("install --dry-run, of all", `"$ENGINERY" install --dry-run $INSTALL ${FIRST} >/dev/null`),
      shell("install, of one", `"$ENGINERY" install "$NEWEST" $INSTALL ${FIRST} >/dev/null`, ONCE),
      // the epoch is unknown there: every deployment may be asked for
      shell("ready, the epoch unknown", `"$ENGINERY" ready --quick ${FIRST} >/dev/null || test $? = 10`),
      shell("upgrade --dry-run, of all", `"$ENGINERY" upgrade --dry-run ${FIRST} >/dev/null`),
      verb("which", `which ${ENGINE}`),
      exec("exec", ENGINE),
      shell("launcher", `"$HOME_FOLDER/bin/${ENGINE}" hello >/dev/null`, FLAT),
      verb("list", "list"),
      verb("status", "status"),
      verb("schedule", "schedule"),
      verb("schedule --html", "schedule --html -"),
      verb("history", "history"),
      telling("ready", "ready"),
      telling("doctor", "doctor"),
      verb("verify", "verify"),
      verb("pin", `pin one "$NEWEST"`),
      verb("use", `use ${PLAIN}@1.0.0`),
      verb("hold", "hold --until 24h why"),
      verb("unhold", "unhold"),
      verb("quarantine", "quarantine"),
      verb("observe", 'observe "$EPOCH"'),
      telling("watch --once", 'watch --once --source "file:$EPOCH_FILE"'),
      verb("check", "check"),
      verb("upgrade, nothing new", "upgrade --yes"),
      { ...verb("upgrade, one release", "upgrade --yes --no-prune", ONCE), before: 'ln -sfn after "$FROM"' },
      verb("rollback", "rollback --yes", ONCE),
      verb("prune", "prune --yes --keep-generations 1", ONCE),
    ],
  };
}
