import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "../../channel.ts";
import { ENGINE } from "../../large-home.ts";
import type { Axis, GrowingVerb } from "../axis.ts";
import { exec, FLAT, ONCE, publishing, shell, telling, verb } from "../verbs.ts";

const FILES_A_FOLDER = 200;
const MEBIBYTE = 2 ** 20;

const ADD = 'add "$AFTER" "$RELEASE" --platform any --tree "$TREE" --entry "$ENTRY"';
const PUBLISH =
  '"$ENGINERY" repo deploy "$AFTER" "$RELEASE" --valid-from 100; "$ENGINERY" repo sign "$AFTER" --keys-dir "$KEYS"; ln -sfn after "$FROM"';
const DAMAGE = `f="$HOME_FOLDER/engines/${ENGINE}/1.0.0/bin/${ENGINE}"; chmod u+w "$f" "$(dirname "$f")"; echo "#" >>"$f"; chmod a-w "$f"`;

function lifeOf(removal: string): readonly GrowingVerb[] {
  return [
    publishing("repo add", `${ADD} --dry-run`, ONCE),
    verb("install", 'install --yes --from "$FROM" --channel bench --root "$ROOT"', ONCE),
    verb("which", `which ${ENGINE}`, FLAT),
    exec("exec", ENGINE, FLAT),
    shell("launcher", `"$HOME_FOLDER/bin/${ENGINE}" hello >/dev/null`, FLAT),
    verb("status", "status", FLAT),
    verb("upgrade, nothing new", "upgrade --yes", FLAT),
    verb("verify", "verify"),
    verb("verify --quick", "verify --quick"),
    telling("ready", "ready"),
    verb("embed", `embed /bin/true ${ENGINE}@1.0.0 --to "$HOME_FOLDER-embedded"`, ONCE),
    { ...telling("verify --repair, one file", "verify --repair", ONCE), before: DAMAGE },
    // the longest by far, so that the others are measured where it takes longer than there is time
    publishing("repo add --deltas 1", `${ADD} --deltas 1`, ONCE),
    { ...verb("upgrade", "upgrade --yes --no-prune", ONCE), before: PUBLISH },
    verb("rollback", "rollback --yes", { ...FLAT, ...ONCE }),
    verb("prune", "prune --yes --keep-generations 1", ONCE),
    shell(removal, 'rm -rf "$TREE"', ONCE),
  ];
}

/** A release of so many files of a hundred bytes each: what a file costs, not a byte. */
export const FILES: Axis = {
  name: "files of a release",
  unit: "files",
  ordinary: 2_000,
  sizes: [200, 2_000, 20_000, 200_000],
  make: (folder, size) => releases(folder, (tree, version) => writeMany(tree, version, size)),
  verbs: lifeOf("rm -rf of as many"),
};

/** A release of one file of so many MiB, half of which cannot be compressed: what a byte costs. */
export const BYTES: Axis = {
  name: "size of a release",
  unit: "MiB",
  ordinary: 32,
  sizes: [2, 8, 32, 128],
  make: (folder, size) => releases(folder, (tree, version) => writeLarge(tree, version, size)),
  verbs: lifeOf("rm -rf of as much"),
};

type WriteTree = (tree: string, version: string) => void;

/** A signed release, and a copy of its repository, `after`, in which the verbs put a second. */
async function releases(folder: string, write: WriteTree): Promise<Readonly<Record<string, string>>> {
  const [before, after] = [join(folder, "before"), join(folder, "after")];
  const keys = join(folder, "keys");
  for (const version of ["1.0.0", "2.0.0"]) {
    const tree = join(folder, `tree-${version}`);
    mkdirSync(join(tree, "bin"), { recursive: true });
    writeFileSync(join(tree, "bin", ENGINE), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
    write(tree, version);
  }
  const entry = `${ENGINE}=bin/${ENGINE}`;
  const first = [`${ENGINE}@1.0.0`, "--platform", "any", "--tree", join(folder, "tree-1.0.0"), "--entry", entry];
  await mustRun(["repo", "init", before, "--channel", "bench", "--keys-dir", keys]);
  await mustRun(["repo", "add", before, ...first]);
  await mustRun(["repo", "deploy", before, `${ENGINE}@1.0.0`, "--valid-from", "0"]);
  await mustRun(["repo", "sign", before, "--keys-dir", keys]);
  execFileSync("cp", ["-al", before, after]);
  symlinkSync("before", join(folder, "now"));
  return {
    FROM: join(folder, "now"),
    ROOT: join(before, "metadata", "1.root.json"),
    AFTER: after,
    KEYS: keys,
    RELEASE: `${ENGINE}@2.0.0`,
    TREE: join(folder, "tree-2.0.0"),
    ENTRY: entry,
  };
}

function writeMany(tree: string, version: string, files: number): void {
  for (let at = 1; at < files; at += 1) {
    const folder = join(tree, "data", `${Math.floor(at / FILES_A_FOLDER)}`);
    if (at === 1 || at % FILES_A_FOLDER === 0) mkdirSync(folder, { recursive: true });
    // half of them stay the same from one release to the next
    writeFileSync(join(folder, `${at}.txt`), `${at} ${at % 2 === 0 ? version : ""}`.padEnd(100, "."));
  }
}

/** Every other MiB cannot be compressed; every eighth of those is another one in the next release. */
function writeLarge(tree: string, version: string, mebibytes: number): void {
  for (let at = 0; at < mebibytes; at += 1) {
    const seed = `${at} ${at % 16 === 0 ? version : ""}`;
    const noise = () => createHash("shake256", { outputLength: MEBIBYTE }).update(seed).digest();
    const part = at % 2 === 0 ? noise() : Buffer.alloc(MEBIBYTE, seed);
    writeFileSync(join(tree, "data.bin"), part, { flag: "a" });
  }
}
