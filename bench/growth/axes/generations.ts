import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENGINE } from "../../large-home.ts";
import type { Axis } from "../axis.ts";
import { commitOne, follow, homeFor, installed, newestVersions } from "../homes.ts";
import { addGenerations } from "../records.ts";
import type { Shelf } from "../shelf.ts";
import { exec, FLAT, ONCE, shell, telling, verb } from "../verbs.ts";

const CHANNEL = 10;
const INSTALLED = 3;

/** So many generations that nobody pruned, and a line of the ledger for each. The last verb retires all but three of them. */
export function generationsAxis(shelf: () => Shelf): Axis {
  return {
    name: "generations",
    unit: "generations",
    ordinary: 10,
    sizes: [10, 100, 1_000, 10_000],
    make: async (folder, size) => {
      const followed = await follow(shelf(), folder, CHANNEL);
      await installed(folder, followed, newestVersions(CHANNEL, INSTALLED));
      addGenerations(homeFor(folder), size);
      await commitOne(folder);
      writeFileSync(join(folder, "epoch"), followed.env["EPOCH"] ?? "");
      return followed.env;
    },
    verbs: [
      verb("which", `which ${ENGINE}`, FLAT),
      exec("exec", ENGINE, FLAT),
      shell("launcher", `"$HOME_FOLDER/bin/${ENGINE}" hello >/dev/null`, FLAT),
      verb("list", "list", FLAT),
      verb("status", "status", FLAT),
      verb("ready", "ready", FLAT),
      verb("pin", 'pin one "$NEWEST"', FLAT),
      verb("observe", 'observe "$EPOCH"', FLAT),
      telling("watch --once", 'watch --once --source "file:$EPOCH_FILE"', FLAT),
      verb("check", "check", FLAT),
      verb("upgrade, nothing new", "upgrade --yes", FLAT),
      verb("rollback --dry-run", "rollback --yes --dry-run --to 1", FLAT),
      verb("history", "history"),
      verb("history --epoch 3", "history --epoch 3"),
      verb("history --export", "history --export -"),
      verb("verify --quick", "verify --quick"),
      telling("doctor", "doctor"),
      verb("prune", "prune --yes", ONCE),
    ],
  };
}
