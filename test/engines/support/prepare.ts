import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Engines, Prepared } from "./engines.ts";
import { FUZZER_VERSION, HERMES_VERSIONS, WIZER_VERSION, XSNAP_OTHER_XS, XSNAP_VERSIONS } from "./engines.ts";

/** Fetches and builds what is not in `cache` yet; answers the file that says where everything is, or why it is not. */
export async function prepareEngines(cache: string): Promise<string> {
  mkdirSync(cache, { recursive: true });
  const engines: Engines = {
    xsnap: Object.fromEntries(XSNAP_VERSIONS.map((version) => [version, prepared(() => xsnap(cache, version))])),
    xsnapOtherXs: prepared(() => xsnapOtherXs(cache)),
    hermes: Object.fromEntries(HERMES_VERSIONS.map((version) => [version, prepared(() => hermes(cache, version))])),
    wizer: prepared(() => wizer(cache)),
    fuzzer: prepared(() => fuzzer(cache)),
    npm: prepared(() => npmAnswers()),
  };
  const list = join(cache, "engines.json");
  writeFileSync(list, JSON.stringify(engines, null, 2));
  return list;
}

export function prepared(prepare: () => string): Prepared {
  try {
    return { path: prepare() };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

const XSNAP_RECIPE = 1;

function xsnap(cache: string, version: string): string {
  return cached(cache, `xsnap ${version} ${process.arch} recipe ${XSNAP_RECIPE}`, "xsnap-worker", (work) => {
    needXsnapHost();
    return built(unpacked(work, `@agoric/xsnap@${version}`), version);
  });
}

function xsnapOtherXs(cache: string): string {
  const from = XSNAP_VERSIONS.at(-1);
  return cached(cache, `xsnap ${XSNAP_OTHER_XS} from ${from} ${process.arch} recipe 1`, "xsnap-worker", (work) => {
    needXsnapHost();
    const sources = unpacked(work, `@agoric/xsnap@${from}`);
    const header = join(sources, "moddable", "xs", "sources", "xsCommon.h");
    const text = readFileSync(header, "utf8");
    const raised = text
      .replace(/(?<=#define XS_MAJOR_VERSION )13\b/, "14")
      .replace(/(?<=#define XS_MINOR_VERSION )3\b/, "0");
    if (raised === text) throw new Error("The XS version is not where it was.");
    writeFileSync(header, raised);
    return built(sources, XSNAP_OTHER_XS);
  });
}

function needXsnapHost(): void {
  if (process.platform !== "linux") throw new Error("xsnap is built here on Linux only");
  needBuildTools();
}

/** The worker of these sources, which calls itself `version`. */
function built(sources: string, version: string): string {
  const settings = join(sources, "build.config.env");
  writeFileSync(settings, "");
  // as the release's own src/build.js calls it, without the debug build
  must(
    "make",
    [
      ...[`-j2`, `MODDABLE=${join(sources, "moddable")}`, "GOAL=release", `XSNAP_VERSION=${version}`],
      ...['CC=cc "-D__has_builtin(x)=1"', `EXTRA_DEPS=${settings}`, "-f", "xsnap-worker.mk"],
    ],
    join(sources, "xsnap-native", "xsnap", "makefiles", "lin"),
  );
  return join(sources, "xsnap-native", "xsnap", "build", "bin", "lin", "release", "xsnap-worker");
}

export function hermes(cache: string, version: string): string {
  return cached(cache, `hermes ${version} recipe 1`, "hermes", (work) => {
    if (process.platform !== "linux" || process.arch !== "x64") throw new Error("hermes is tried on linux-x64 only");
    return join(unpacked(work, `hermes-engine@${version}`, "package/linux64-bin/hermes"), "linux64-bin", "hermes");
  });
}

function wizer(cache: string): string {
  return cached(cache, `wizer ${WIZER_VERSION} recipe 1`, "wizer", (work) => {
    if (process.platform !== "linux" || process.arch !== "x64") throw new Error("wizer is tried on linux-x64 only");
    return join(unpacked(work, `@bytecodealliance/wizer-linux-x64@${WIZER_VERSION}`), "wizer");
  });
}

function fuzzer(cache: string): string {
  return cached(cache, `fuzzer ${FUZZER_VERSION} recipe 1`, "libfuzzer.so", (work) => {
    if (process.platform !== "linux" || process.arch !== "x64")
      throw new Error("the fuzzer is tried on linux-x64 only");
    return join(unpacked(work, `@jazzer.js/fuzzer@${FUZZER_VERSION}`), "prebuilds", "fuzzer-linux-x64.node");
  });
}

function npmAnswers(): string {
  return must("npm", ["view", "@bytecodealliance/wizer-linux-x64@3.0.1", "version"], ".").trim();
}

/** A folder of its own for each key, in place by one rename: a build that died half-way is never taken for one. */
export function cached(cache: string, key: string, name: string, make: (work: string) => string): string {
  const folder = join(cache, createHash("sha256").update(key).digest("hex").slice(0, 16));
  const file = join(folder, name);
  if (existsSync(file)) return file;
  const work = mkdtempSync(join(tmpdir(), "enginery-build-"));
  const staged = mkdtempSync(`${folder}-`);
  try {
    process.stderr.write(`preparing ${key}\n`);
    copyFileSync(make(work), join(staged, name));
    chmodSync(join(staged, name), 0o755);
    writeFileSync(join(staged, "KEY"), `${key}\n`);
    placeOnce(staged, folder, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(staged, { recursive: true, force: true });
  }
  return file;
}

/** Two test files may prepare the same at once: the first one's is taken. */
function placeOnce(staged: string, folder: string, file: string): void {
  try {
    renameSync(staged, folder);
  } catch (error) {
    if (!existsSync(file)) throw error;
  }
}

/** The folder of what npm serves under `spec`; `only`: this member alone. */
export function unpacked(work: string, spec: string, only?: string): string {
  const listed = must("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", work, spec], work);
  const file = /"filename":\s*"([^"]+)"/.exec(listed)?.[1];
  if (file === undefined) throw new Error(`npm pack did not name the file of ${spec}`);
  // npm before 9 wrote a scope's slash into the name it reports
  const archive = [file, basename(file), file.replace("@", "").replace("/", "-")]
    .map((name) => join(work, name))
    .find((path) => existsSync(path));
  if (archive === undefined) throw new Error(`npm pack did not write ${file}`);
  must("tar", ["-xzf", archive, ...(only === undefined ? [] : [only])], work);
  return join(work, "package");
}

export function needBuildTools(): void {
  const missing = ["make", "cc"].filter((tool) => spawnSync(tool, ["--version"]).error !== undefined);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).error !== undefined)
    throw new Error(`${missing.join(" and ")} missing, and no way to install it`);
  must("apt-get", ["update", "-qq"], ".");
  must("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "make", "gcc", "libc6-dev"], ".");
}

export function must(command: string, args: readonly string[], cwd: string): string {
  const done = spawnSync(command, args, { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
  if (done.status === 0) return done.stdout;
  throw new Error(
    `${command} ${args[0] ?? ""} failed: ${(done.error?.message ?? done.stderr).trim().split("\n").at(-1)}`,
  );
}
