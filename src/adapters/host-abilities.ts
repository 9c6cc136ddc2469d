import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { release } from "node:os";
import type { HostAbilities } from "../core/model/program.ts";
import { parseLibraryCache } from "../core/program/library-cache.ts";
import { x86Level } from "../core/program/x86-level.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const MAX_CACHE_BYTES = 64 * 1024 * 1024;
/** The folders that Debian and its kin add to glibc's own. */
const MULTIARCH: Readonly<Record<string, string>> = {
  x64: "x86_64-linux-gnu",
  arm64: "aarch64-linux-gnu",
  arm: "arm-linux-gnueabihf",
  ia32: "i386-linux-gnu",
  ppc64: "powerpc64le-linux-gnu",
  riscv64: "riscv64-linux-gnu",
  s390x: "s390x-linux-gnu",
  loong64: "loongarch64-linux-gnu",
};

/** What programs find on this host; `platform` as in Host. Reads files and, on macOS, asks one program of the system's own. */
export function abilitiesOf(platform: string, env: Environment): HostAbilities {
  const [system, machine = "", libc] = platform.split("-");
  const none = {
    systemVersion: [],
    x86Level: undefined,
    namedFolders: [],
    systemFolders: [],
    cachedLibraries: new Map(),
  };
  if (system === "linux") return libc === "musl" ? onMusl(machine, env) : onGlibc(machine, env);
  if (system === "darwin") return { ...none, systemVersion: numbersOf(macVersion()) };
  if (system !== "win32") return none;
  const root = env["SystemRoot"] ?? "C:\\Windows";
  return {
    ...none,
    systemVersion: numbersOf(release()),
    systemFolders: [`${root}/System32`, root],
    namedFolders: (env["PATH"] ?? "").split(";").filter((folder) => folder !== ""),
  };
}

function onGlibc(machine: string, env: Environment): HostAbilities {
  const own = MULTIARCH[machine];
  const multiarch = own === undefined ? [] : [`/lib/${own}`, `/usr/lib/${own}`];
  return {
    ...onLinux(machine, env),
    systemFolders: [...multiarch, "/lib64", "/usr/lib64", "/lib", "/usr/lib"],
    cachedLibraries: parseLibraryCache(bytesOf("/etc/ld.so.cache")),
  };
}

/** /etc/ld-musl-ARCH.path takes the place of its own three folders. */
function onMusl(machine: string, env: Environment): HostAbilities {
  const architecture = { x64: "x86_64", arm64: "aarch64", arm: "armhf", ia32: "i386" }[machine] ?? machine;
  const said = textOf(`/etc/ld-musl-${architecture}.path`)
    .split(/[:\n]/)
    .filter((folder) => folder.startsWith("/"));
  const systemFolders = said.length > 0 ? said : ["/lib", "/usr/local/lib", "/usr/lib"];
  return { ...onLinux(machine, env), systemFolders, cachedLibraries: new Map() };
}

function onLinux(machine: string, env: Environment) {
  const named = (env["LD_LIBRARY_PATH"] ?? "").split(/[:;]/).filter((folder) => folder.startsWith("/"));
  return {
    systemVersion: numbersOf(release()),
    x86Level: machine === "x64" ? levelOf(textOf("/proc/cpuinfo")) : undefined,
    namedFolders: named,
  };
}

/** Of the first processor: the kernel hides what not all of them have. Undefined where it is not told. */
function levelOf(cpuinfo: string): number | undefined {
  const flags = /^flags\s*:\s*(.*)$/m.exec(cpuinfo)?.[1];
  return flags === undefined ? undefined : x86Level(new Set(flags.split(" ")));
}

/** `6.18.44-fc-v669` is 6, 18, 44. */
function numbersOf(version: string): readonly number[] {
  const numbers = /^\d{1,9}(?:\.\d{1,9}){0,3}/.exec(version)?.[0];
  return numbers === undefined ? [] : numbers.split(".").map(Number);
}

function macVersion(): string {
  try {
    return execFileSync("/usr/bin/sw_vers", ["-productVersion"], { encoding: "utf8", timeout: 2000 }).trim();
  } catch {
    return "";
  }
}

function textOf(path: string): string {
  return new TextDecoder().decode(bytesOf(path));
}

/** Empty where it is not there or cannot be read: what is not known speaks against nothing. */
function bytesOf(path: string): Uint8Array {
  try {
    return statSync(path).size > MAX_CACHE_BYTES ? new Uint8Array() : readFileSync(path);
  } catch {
    return new Uint8Array();
  }
}
