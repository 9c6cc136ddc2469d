import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ENGINE, versionAt } from "../../large-home.ts";
import type { Axis } from "../axis.ts";
import { follow } from "../homes.ts";
import { type Shelf, writeSmall } from "../shelf.ts";
import { ONCE, publishing, shell } from "../verbs.ts";

/** A repository of so many releases, with an archive, pieces and a tree each: what one release more costs, and the whole. */
export function repositoryAxis(shelf: () => Shelf): Axis {
  return {
    name: "releases of a repository",
    unit: "releases",
    ordinary: 100,
    sizes: [10, 100, 1_000, 10_000],
    make: async (folder, size) => {
      const { repository, env } = await follow(shelf(), folder, size);
      const tree = join(folder, "one-more");
      writeSmall(tree, ENGINE, versionAt(size));
      execFileSync("cp", ["-al", repository, join(folder, "copy")]);
      return { ...env, R: repository, TREE: tree, RELEASE: `${ENGINE}@${versionAt(size)}`, AT: `${size * 10 + 100}` };
    },
    verbs: [
      publishing("repo init", 'init "$(mktemp -d "$HOME_FOLDER-XXXXXX")" --channel other --keys-dir "$(mktemp -d)"', {
        grows: false,
      }),
      publishing("repo verify", 'verify "$R"'),
      publishing("repo add", 'add "$R" "$RELEASE" --platform any --tree "$TREE"'),
      publishing("repo deploy", 'deploy "$R" "$RELEASE" --valid-from "$AT"'),
      publishing("repo sign", 'sign "$R" --keys-dir "$KEYS"', ONCE),
      publishing("repo rules", 'rules "$R" sample --max-deployments 20000 --dry-run'),
      publishing("repo retire", `retire "$R" ${ENGINE}@1.0.0 --epoch "$AT" --dry-run`),
      publishing("repo withdraw", `withdraw "$R" ${ENGINE}@1.0.0 bad --dry-run`),
      publishing("repo refresh-timestamp", 'refresh-timestamp "$R" --keys-dir "$KEYS"'),
      publishing("repo rotate-root", 'rotate-root "$R" --role timestamp --new-keys 1 --keys-dir "$KEYS" --dry-run'),
      publishing("repo export", 'export "$R" --to "$HOME_FOLDER-export.tar.zst"', ONCE),
      publishing("repo prune", 'prune "$R" --yes'),
      shell("rm -rf of as many", 'rm -rf "$R"', ONCE),
    ],
  };
}
