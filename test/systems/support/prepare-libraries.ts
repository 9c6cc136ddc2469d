import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Prepared } from "../../engines/support/engines.ts";
import { cached, must, needBuildTools, prepared } from "../../engines/support/prepare.ts";

/** Far apart, and with one C API; the sha256 is the wheel's, which is a zip. */
export const WASMTIME = {
  "9.0.0": "5e0a64b2ef708c107e418c7741c8be0de0cc152efc1d51264e77fcf4f977cef0",
  "46.0.1": "e53c65abe31aeeb19a3f794b6e53140d401c4c79ad91c89caefdc502ee2b10c1",
} as const;
/** Of Debian 12: version as Debian has it, and the sha256 of its package. */
export const MOZJS = {
  "78.15.0": ["libmozjs-78-0=78.15.0-7", "303fba5f86d20fd9e4c2dd22e9a50020dd08b751256f54b892cf4eac79f8a567"],
  "102.15.1": ["libmozjs-102-0=102.15.1-1~deb12u1", "2e28348d4cef30d8e52285ca289a480751a80f74febff7cfbd575f5f77459533"],
} as const;
export const LIBRARY_OF = { wasmtime: "_libwasmtime.so", mozjs: "libmozjs.so" } as const;

export const SOURCES = join(import.meta.dirname, "..", "..", "hosts");
const CACHE = join(import.meta.dirname, "..", "..", "..", ".cache", "systems");

/** test/hosts compiled, with every warning an error. `flags`: more for the compiler. */
export function prepareHost(...flags: readonly string[]): Prepared {
  return prepared(() => {
    const sources = globSync("*.c", { cwd: SOURCES }).sort();
    const texts = globSync("*.[ch]", { cwd: SOURCES })
      .sort()
      .map((file) => readFileSync(join(SOURCES, file), "utf8"));
    const key = `host ${process.arch} ${flags.join(" ")} ${sha256(texts.join("\0"))}`;
    return kept(key, "host", (work) => {
      if (process.platform !== "linux") throw new Error("the C host is tried on Linux only");
      needBuildTools();
      const warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];
      const files = sources.map((file) => join(SOURCES, file));
      must("cc", ["-std=c11", "-O2", ...warnings, ...flags, "-o", join(work, "host"), ...files, "-ldl"], work);
      return join(work, "host");
    });
  });
}

export function prepareWasmtime(version: keyof typeof WASMTIME): Prepared {
  return prepared(() =>
    kept(`wasmtime ${version} from its wheel`, LIBRARY_OF.wasmtime, (work) => {
      needLinux64();
      const words = ["--no-deps", "--only-binary", ":all:", "--platform", "manylinux1_x86_64", "--dest", work];
      must("python3", ["-m", "pip", "download", "-q", ...words, `wasmtime==${version}`], work);
      const wheel = requireOne(work, "*.whl", WASMTIME[version]);
      must("python3", ["-m", "zipfile", "-e", wheel, join(work, "wheel")], work);
      return join(work, "wheel", "wasmtime", "linux-x86_64", LIBRARY_OF.wasmtime);
    }),
  );
}

export function prepareMozjs(version: keyof typeof MOZJS): Prepared {
  const [name, hash] = MOZJS[version];
  return prepared(() =>
    kept(`mozjs ${version} of Debian`, LIBRARY_OF.mozjs, (work) => {
      needLinux64();
      // a machine that was made from an image has no lists yet
      if (spawnSync("apt-get", ["download", name], { cwd: work }).status !== 0) {
        if (process.getuid?.() === 0) spawnSync("apt-get", ["update", "-qq"]);
        must("apt-get", ["download", name], work);
      }
      must("dpkg-deb", ["-x", requireOne(work, "*.deb", hash), join(work, "deb")], work);
      return join(work, requireFile(work, "deb/usr/lib/x86_64-linux-gnu/libmozjs-*.so.*.*"));
    }),
  );
}

function kept(key: string, name: string, make: (work: string) => string): string {
  mkdirSync(CACHE, { recursive: true });
  return cached(CACHE, key, name, make);
}

function needLinux64(): void {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error("real dylibs are tried on linux-x64 only");
}

/** The one file of that form, with the bytes that were looked at when this was written. */
function requireOne(work: string, form: string, hash: string): string {
  const file = join(work, requireFile(work, form));
  const found = sha256(readFileSync(file));
  if (found !== hash) throw new Error(`${form} is another file now: ${found}`);
  return file;
}

function requireFile(work: string, form: string): string {
  const [file, ...others] = globSync(form, { cwd: work });
  if (file === undefined || others.length > 0) throw new Error(`there are ${others.length + 1} of ${form}`);
  return file;
}

function sha256(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
