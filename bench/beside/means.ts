import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Environment, Shell } from "../run/shell.ts";

const FROM_DEBIAN: Readonly<Record<string, string>> = {
  ostree: "ostree",
  "nix-store": "nix-bin",
  casync: "casync",
  zstd: "zstd",
  curl: "curl",
  openssl: "openssl",
};
const FROM_NPM: Readonly<Record<string, string>> = { mise: "@jdxcode/mise-linux-x64", pnpm: "pnpm" };

export interface Means {
  /** With which the peers that were laid out here are found. */
  readonly env: Environment;
  /** Why a program is not there; undefined where it is. */
  missing(program: string): string | undefined;
}

/**
 * Lays the peers out in a folder of ours and changes nothing of the machine: Debian's packages are unpacked there with
 * the libraries that the machine lacks, npm's installed there. What cannot be had is told, and is no error.
 */
export async function layOutPeers(shell: Shell, folder: string): Promise<Means> {
  const debian = join(folder, "debian");
  const npm = join(folder, "npm");
  const reasons = new Map<string, string>();
  const absent = Object.keys(FROM_DEBIAN).filter((program) => !found(program, [join(debian, "usr/bin")]));
  await orReason(reasons, absent, "Debian's packages", () => unpackDebian(shell, debian, absent));
  const wanting = Object.keys(FROM_NPM).filter((program) => !found(program, [join(npm, "node_modules/.bin")]));
  await orReason(reasons, wanting, "npm", () => installNpm(shell, npm, wanting));
  const places = [join(debian, "usr/bin"), join(npm, "node_modules/.bin")];
  return {
    env: { PATH: [...places, process.env["PATH"] ?? ""].join(":"), ...librariesOf(debian) },
    missing: (program) => (found(program, places) ? undefined : (reasons.get(program) ?? "not on this machine")),
  };
}

async function unpackDebian(shell: Shell, folder: string, programs: readonly string[]): Promise<void> {
  const archives = join(folder, "archives");
  mkdirSync(join(archives, "partial"), { recursive: true });
  const names = programs.map((program) => FROM_DEBIAN[program]).join(" ");
  const download = `apt-get install -qq -y --no-install-recommends --download-only -o Debug::NoLocking=1 -o Dir::Cache::archives="$ARCHIVES" ${names}`;
  // its lists may be older than what is served
  await shell.run(`${download} || { apt-get update -qq; ${download}; }`, { ARCHIVES: archives }, 180);
  for (const archive of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
    // newer versions of what the machine has: its own stay
    if (/^(perl|libperl|openssl|libssl|libc6|curl_)/.test(archive) && !names.includes(archive.split("_")[0] ?? ""))
      continue;
    await shell.run('dpkg -x "$FILE" "$FOLDER"', { FILE: join(archives, archive), FOLDER: folder }, 60);
  }
}

async function installNpm(shell: Shell, folder: string, programs: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const names = programs.map((program) => FROM_NPM[program]).join(" ");
  await shell.run(`npm install --silent --no-audit --no-fund --prefix "$FOLDER" ${names}`, { FOLDER: folder }, 180);
}

async function orReason(
  reasons: Map<string, string>,
  programs: readonly string[],
  from: string,
  get: () => Promise<void>,
): Promise<void> {
  if (programs.length === 0) return;
  try {
    await get();
  } catch (error) {
    for (const program of programs) reasons.set(program, `not to be had from ${from}: ${(error as Error).message}`);
  }
}

/** Of the peers alone: with these on the path another program's library might be taken for its own. */
function librariesOf(debian: string): Environment {
  const folders = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/nix"].map((name) => join(debian, name));
  return {
    PEER_LIBRARIES: folders.filter((name) => existsSync(name)).join(":"),
    CASYNC_PROTOCOL_PATH: existsSync(join(debian, "usr/lib/casync"))
      ? join(debian, "usr/lib/casync/protocols")
      : "/usr/lib/casync/protocols",
  };
}

function found(program: string, places: readonly string[]): boolean {
  return [...places, ...(process.env["PATH"] ?? "").split(":")].some((place) => existsSync(join(place, program)));
}
