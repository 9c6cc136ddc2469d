import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ENGINE, pinMany, versionAt } from "../../large-home.ts";
import type { Axis } from "../axis.ts";
import { commitOne, follow, homeFor, installed, newestVersions } from "../homes.ts";
import type { Shelf } from "../shelf.ts";
import { exec, FLAT, ONCE, shell, telling, verb } from "../verbs.ts";

const CHANNEL = 10;
const PINNED = 7;

/** So many tenants, pinned to the oldest seven of ten installed releases. */
export function pinsAxis(shelf: () => Shelf): Axis {
  return {
    name: "pins",
    unit: "pins",
    ordinary: 1_000,
    sizes: [10, 1_000, 10_000, 100_000],
    make: async (folder, size) => {
      const env = await pinnable(shelf(), folder);
      const home = homeFor(folder);
      const trees = new Map(home.generations.newest()?.installations.map(({ version, tree }) => [version, tree]));
      await pinMany(home, size, (at) => {
        const version = versionAt(at % PINNED);
        return { version, tree: trees.get(version) ?? "" };
      });
      return env;
    },
    verbs: [
      verb("which --tenant", `which ${ENGINE} --tenant tenant-3`, FLAT),
      exec("exec --tenant", `${ENGINE} --tenant tenant-3`, FLAT),
      verb("pin", 'pin one "$NEWEST"', FLAT),
      verb("unpin", `unpin one ${ENGINE}`, { ...FLAT, ...ONCE }),
      verb("list", "list", FLAT),
      verb("verify", "verify", FLAT),
      verb("observe", 'observe "$EPOCH"', FLAT),
      verb("status", "status"),
      verb("schedule --html", "schedule --html -"),
      verb("pins", "pins"),
      telling("ready", "ready"),
      telling("doctor", "doctor"),
      telling("watch --once", 'watch --once --source "file:$EPOCH_FILE"'),
      verb("check", "check"),
      verb("upgrade, nothing new", "upgrade --yes"),
      verb("rollback --dry-run", "rollback --yes --dry-run --to 1"),
      verb("prune", "prune --yes"),
    ],
  };
}

/** A file of so many lines; its second reading finds all of them put. */
export function pinFileAxis(shelf: () => Shelf): Axis {
  return {
    name: "lines of a file of pins",
    unit: "lines",
    ordinary: 100,
    sizes: [10, 100, 1_000, 10_000],
    make: async (folder, size) => {
      const env = await pinnable(shelf(), folder);
      const file = join(folder, "pins.txt");
      writeFileSync(file, Array.from({ length: size }, (_, at) => `tenant-${at} ${ENGINE}@1.0.0\n`).join(""));
      return { ...env, PIN_FILE: file };
    },
    verbs: [
      verb("pin --from-file", 'pin --from-file "$PIN_FILE"', ONCE),
      verb("the same again", 'pin --from-file "$PIN_FILE"'),
      shell(
        "as many files, synced once",
        `mkdir "$HOME_FOLDER-files"; for at in $(seq "$(wc -l <"$PIN_FILE")"); do echo "$at" >"$HOME_FOLDER-files/$at"; done; sync -f "$HOME_FOLDER-files"`,
        ONCE,
      ),
    ],
  };
}

async function pinnable(shelf: Shelf, folder: string): Promise<Readonly<Record<string, string>>> {
  const followed = await follow(shelf, folder, CHANNEL);
  await installed(folder, followed, newestVersions(CHANNEL, CHANNEL));
  await commitOne(folder);
  writeFileSync(join(folder, "epoch"), followed.env["EPOCH"] ?? "");
  return followed.env;
}
