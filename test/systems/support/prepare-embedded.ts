import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Prepared } from "../../engines/support/engines.ts";
import { cached, must, needBuildTools, prepared, unpacked } from "../../engines/support/prepare.ts";

const CHECKOUT = join(import.meta.dirname, "..", "..", "..");
const CACHE = join(CHECKOUT, ".cache", "systems");

/** templates/hosts/c compiled, with every warning an error. `flags`: more for the compiler. */
export function prepareEmbeddedHost(...flags: readonly string[]): Prepared {
  return prepared(() => {
    if (process.platform !== "linux") throw new Error("the C host is tried on Linux only");
    needBuildTools();
    const sources = sourcesOf("c", "*.c");
    const warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];
    return made("embedding C host", [...sources, ...sourcesOf("c", "*.h")], flags, (path, work) =>
      must("cc", ["-std=c11", "-O2", ...warnings, ...flags, "-o", path, ...sources, "-ldl"], work),
    );
  });
}

/** templates/hosts/rust compiled, without crates. */
export function prepareRustHost(): Prepared {
  return prepared(() => {
    if (process.platform !== "linux") throw new Error("the Rust host is tried on Linux only");
    if (spawnSync("rustc", ["--version"]).status !== 0) throw new Error("there is no rustc here");
    const sources = sourcesOf("rust", "*.rs");
    return made("embedding Rust host", sources, [], (path, work) => {
      const words = ["--edition", "2021", "-O", "-D", "warnings", "-o", path];
      must("rustc", [...words, join(CHECKOUT, "templates", "hosts", "rust", "host.rs")], work);
    });
  });
}

/** Hermes 0.4.0 as npm has it for a system that is not this one: a host to put engines into. */
export function prepareForeignHost(system: "osx" | "win"): Prepared {
  const path = system === "osx" ? "osx-bin/hermes" : "win64-bin/hermes.exe";
  return prepared(() => {
    mkdirSync(CACHE, { recursive: true });
    return cached(CACHE, `hermes 0.4.0 for ${system}`, "hermes", (work) =>
      join(unpacked(work, "hermes-engine@0.4.0", `package/${path}`), path),
    );
  });
}

function sourcesOf(language: string, pattern: string): string[] {
  const folder = join(CHECKOUT, "templates", "hosts", language);
  return globSync(pattern, { cwd: folder })
    .sort()
    .map((file) => join(folder, file));
}

function made(
  what: string,
  sources: readonly string[],
  flags: readonly string[],
  compile: (path: string, work: string) => void,
): string {
  mkdirSync(CACHE, { recursive: true });
  const texts = sources.map((file) => readFileSync(file, "utf8")).join("\0");
  const key = `${what} ${process.arch} ${flags.join(" ")} ${createHash("sha256").update(texts).digest("hex")}`;
  return cached(CACHE, key, "host", (work) => {
    compile(join(work, "host"), work);
    return join(work, "host");
  });
}
