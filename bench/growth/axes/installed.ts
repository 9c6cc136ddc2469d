import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENGINE } from "../../large-home.ts";
import type { Axis } from "../axis.ts";
import { follow, newestVersions, publishAfter } from "../homes.ts";
import type { Shelf } from "../shelf.ts";
import { exec, FLAT, ONCE, shell, telling, verb } from "../verbs.ts";

const CHANNEL = 1_001;

/** So many releases laid out, of two files each, of a channel that has 1,001 at every size. */
export function installedAxis(shelf: () => Shelf): Axis {
  return {
    name: "installed releases",
    unit: "installed releases",
    ordinary: 10,
    sizes: [1, 10, 100, 1_000],
    make: async (folder, size) => {
      const { env } = await follow(shelf(), folder, CHANNEL);
      await publishAfter(folder, CHANNEL);
      writeFileSync(join(folder, "epoch"), env["EPOCH"] ?? "");
      const names = newestVersions(CHANNEL, size).map((version) => `${ENGINE}@${version}`);
      return { ...env, NAMES: names.join(" ") };
    },
    verbs: [
      verb("install", "install $NAMES $INSTALL", ONCE),
      verb("observe", 'observe "$EPOCH"'),
      verb("which", `which ${ENGINE}`),
      exec("exec", ENGINE),
      shell("launcher", `"$HOME_FOLDER/bin/${ENGINE}" hello >/dev/null`, FLAT),
      verb("list", "list"),
      verb("status", "status"),
      verb("schedule", "schedule"),
      verb("history", "history"),
      verb("verify", "verify"),
      verb("verify --quick", "verify --quick"),
      telling("ready", "ready"),
      telling("ready --quick", "ready --quick"),
      telling("doctor", "doctor"),
      verb("pin", 'pin one "$NEWEST"'),
      verb("quarantine", "quarantine"),
      telling("watch --once", 'watch --once --source "file:$EPOCH_FILE"'),
      verb("check", "check"),
      verb("upgrade, nothing new", "upgrade --yes"),
      verb("prune --dry-run", "prune --dry-run"),
      { ...verb("upgrade, one release", "upgrade --yes --no-prune", ONCE), before: 'ln -sfn after "$FROM"' },
      verb("rollback", "rollback --yes", ONCE),
      verb("prune, all but two", 'prune --yes --keep-generations 1 --before "$EPOCH"', ONCE),
    ],
  };
}
