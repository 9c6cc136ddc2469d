import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { must } from "../../engines/support/prepare.ts";

const PACKAGES = ["zsh", "zsh-common", "fish", "fish-common", "libpcre2-32-0"] as const;

/**
 * Debian's zsh and fish, unpacked beside the system's own files and installed nowhere: the words that run a program which sees both. Errors where
 * this host cannot.
 */
export function prepareShells(cache: string): readonly string[] {
  const folder = join(cache, "shells");
  if (!existsSync(folder)) unpack(folder);
  const mount = 'mount -t overlay overlay -o "lowerdir=$1/usr:/usr" /usr && PATH="$1/bin:$PATH" && shift && exec "$@"';
  const words = ["unshare", "--mount", "sh", "-c", mount, "sh", folder];
  const [program = "", ...rest] = words;
  if (spawnSync(program, [...rest, "zsh", "-fc", "fish --version"]).status !== 0)
    throw new Error("no way to lay the files of zsh and fish over /usr here");
  return words;
}

function unpack(folder: string): void {
  if (spawnSync("dpkg-deb", ["--version"]).error !== undefined) throw new Error("no packages of Debian here");
  const work = `${folder}.part`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, "root"), { recursive: true });
  if (spawnSync("apt-get", ["download", "-qq", ...PACKAGES], { cwd: work }).status !== 0) {
    if (process.getuid?.() === 0) spawnSync("apt-get", ["update", "-qq"]);
    must("apt-get", ["download", "-qq", ...PACKAGES], work);
  }
  for (const file of readdirSync(work).filter((name) => name.endsWith(".deb")))
    must("dpkg-deb", ["-x", file, "root"], work);
  renameSync(join(work, "root"), folder);
  rmSync(work, { recursive: true });
}
