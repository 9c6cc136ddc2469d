import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "../channel.ts";
import { ENGINE, largeHome, pinMany } from "../large-home.ts";
import type { Axis, GrowingVerb } from "./axis.ts";
import { addGenerations } from "./records.ts";

const E = '"$ENGINERY"';
const HOME = '--quiet --home "$HOME_FOLDER"';
const VERB = (name: string, words: string, grows: boolean, once = false): GrowingVerb => ({
  name,
  command: `${E} ${words} ${HOME} >/dev/null`,
  grows,
  once,
});

/** A manifest of so many releases, every one deployed; one of them is installed, by record. */
const RELEASES: Axis = {
  name: "releases of the channel",
  unit: "releases",
  sizes: [10, 100, 1_000, 10_000],
  make: async (folder, size) => records(folder, size, 1),
  verbs: [
    VERB("which", `which ${ENGINE} --epoch 3`, true),
    VERB("list", "list", true),
    VERB("schedule", "schedule", true),
    VERB("status", "status", true),
    VERB("history", "history", true),
    VERB("prune --dry-run", "prune --dry-run", true),
    VERB("pin", `pin one ${ENGINE}@1.0.0`, true),
  ],
};

const INSTALLED: Axis = {
  name: "installed releases",
  unit: "installed releases",
  sizes: [1, 10, 100, 1_000],
  make: async (folder, size) => records(folder, size, size),
  verbs: [
    VERB("which", `which ${ENGINE} --epoch 3`, true),
    VERB("list", "list", true),
    VERB("status", "status", true),
    VERB("history", "history", true),
    VERB("prune --dry-run", "prune --dry-run", true),
  ],
};

const PINS: Axis = {
  name: "pins",
  unit: "pins",
  sizes: [10, 1_000, 10_000, 100_000],
  make: async (folder, size) => {
    const home = largeHome(join(folder, "home"), 10);
    await pinMany(home, size);
    return {};
  },
  verbs: [
    VERB("which --tenant", `which ${ENGINE} --tenant tenant-3`, false),
    VERB("pin", `pin one ${ENGINE}@1.0.0`, false),
    VERB("unpin", `unpin one ${ENGINE}`, false),
    VERB("status", "status", true),
    VERB("pins", "pins", true),
    VERB("prune", "prune --yes", true),
  ],
};

const PIN_FILE: Axis = {
  name: "lines of a file of pins",
  unit: "lines",
  sizes: [10, 100, 1_000, 10_000],
  make: async (folder, size) => {
    largeHome(join(folder, "home"), 10);
    const file = join(folder, "pins.txt");
    writeFileSync(file, Array.from({ length: size }, (_, at) => `tenant-${at} ${ENGINE}@1.0.0\n`).join(""));
    return { PIN_FILE: file };
  },
  verbs: [
    VERB("pin --from-file", 'pin --from-file "$PIN_FILE"', true, true),
    VERB("the same again", 'pin --from-file "$PIN_FILE"', true, true),
  ],
};

/** The last verb retires all but a few of them. */
const GENERATIONS: Axis = {
  name: "generations",
  unit: "generations",
  sizes: [10, 100, 1_000, 10_000],
  make: async (folder, size) => {
    addGenerations(largeHome(join(folder, "home"), 3), size);
    return {};
  },
  verbs: [
    VERB("which", `which ${ENGINE} --epoch 3`, false),
    VERB("list", "list", false),
    VERB("status", "status", false),
    VERB("pin", `pin one ${ENGINE}@1.0.0`, false),
    VERB("history", "history", true),
    { name: "doctor", command: `${E} doctor ${HOME} >/dev/null || true`, grows: true },
    VERB("prune", "prune --yes", true, true),
  ],
};

/** A real release of so many files in a real repository, of a hundred bytes each: what a file costs, not a byte. */
const FILES: Axis = {
  name: "files of a release",
  unit: "files",
  sizes: [200, 2_000, 20_000, 200_000],
  make: (folder, size) => release(folder, size),
  verbs: [
    {
      name: "install",
      command: `${E} install --yes --from "$FROM" --channel bench --root "$ROOT" ${HOME}`,
      grows: true,
      once: true,
    },
    VERB("which", `which ${ENGINE}`, false),
    VERB("status", "status", false),
    VERB("upgrade, nothing new", "upgrade --yes", false),
    VERB("verify", "verify", true, true),
    VERB("verify --quick", "verify --quick", true, true),
    { ...VERB("upgrade", "upgrade --yes --no-prune", true, true), before: 'ln -sfn after "$FROM"' },
    VERB("rollback", "rollback --yes", false, true),
    VERB("prune", "prune --yes --keep-generations 1", true, true),
    { name: "rm -rf of as many", command: 'rm -rf "$AS_MANY"', grows: true, once: true },
  ],
};

export const AXES: readonly Axis[] = [RELEASES, INSTALLED, PINS, PIN_FILE, GENERATIONS, FILES];

function records(folder: string, releases: number, installed: number): Readonly<Record<string, string>> {
  largeHome(join(folder, "home"), releases, installed);
  return {};
}

async function release(folder: string, files: number): Promise<Readonly<Record<string, string>>> {
  const [before, after] = [join(folder, "before"), join(folder, "after")];
  const keys = join(folder, "keys");
  await mustRun(["repo", "init", before, "--channel", "bench", "--keys-dir", keys]);
  await addRelease(folder, before, "1.0.0", 0, files);
  cpSync(before, after, { recursive: true });
  await addRelease(folder, after, "2.0.0", 100, files);
  symlinkSync("before", join(folder, "now"));
  return {
    FROM: join(folder, "now"),
    ROOT: join(before, "metadata", "1.root.json"),
    AS_MANY: join(folder, "tree-2.0.0"),
  };
}

async function addRelease(folder: string, repository: string, version: string, validFrom: number, files: number) {
  const tree = join(folder, `tree-${version}`);
  const release = `${ENGINE}@${version}`;
  const entry = ["--entry", `${ENGINE}=bin/${ENGINE}`];
  writeMany(tree, version, files);
  await mustRun(["repo", "add", repository, release, "--platform", "any", "--tree", tree, ...entry]);
  await mustRun(["repo", "deploy", repository, release, "--valid-from", `${validFrom}`]);
  await mustRun(["repo", "sign", repository, "--keys-dir", join(folder, "keys")]);
}

function writeMany(tree: string, version: string, files: number): void {
  mkdirSync(join(tree, "bin"), { recursive: true });
  writeFileSync(join(tree, "bin", ENGINE), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  for (let at = 1; at < files; at += 1) {
    const folder = join(tree, "data", `${Math.floor(at / 200)}`);
    if (at === 1 || at % 200 === 0) mkdirSync(folder, { recursive: true });
    // half of them stay the same from one release to the next
    writeFileSync(join(folder, `${at}.txt`), `${at} ${at % 2 === 0 ? version : ""}`.padEnd(100, "."));
  }
}
