// What a launcher costs over starting the same file directly, beside the proxies of version managers: `node bench/launcher.ts [ROUNDS]`.
// Needs cc. bash, busybox, rustup and mise are measured where they are on the PATH. The ways are run in turns.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENGINERY, mustRun, publish } from "./channel.ts";

interface Way {
  readonly name: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const SOURCES = join(import.meta.dirname, "launcher");
/** Starts of Node are slower by far, and so are measured less often. */
const ROUNDS_OF_NODE = 20;

const rounds = Number(process.argv[2] ?? 300);
const folder = mkdtempSync(join(tmpdir(), "enginery-launcher-"));
try {
  await measure(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(work: string): Promise<void> {
  const engine = compile(work, "engine");
  const home = await installed(work, engine);
  const direct: Way = { name: "direct", words: [join(home, "engines", "sample", "1.0.0", "bin", "sample")] };
  const launcher = join(home, "bin", "sample");
  const others = [...shells(launcher), shim(work, engine), ...rustup(work, engine), ...mise(work, engine)];
  const turns = compile(work, "turns");
  report(turns, rounds, [direct, { name: "launcher", words: [launcher] }, ...others]);
  const commands = [
    { name: "`enginery which sample`", words: [ENGINERY, "which", "sample", "--home", home] },
    { name: "`enginery exec sample`", words: [ENGINERY, "exec", "sample", "--home", home] },
  ];
  report(turns, ROUNDS_OF_NODE, [direct, ...commands]);
}

async function installed(work: string, program: string): Promise<string> {
  const home = join(work, "home");
  const root = await publish(work, [
    { version: "1.0.0", validFrom: 0, mebibytes: 0, program },
    { version: "2.0.0", validFrom: 100, mebibytes: 0, program },
  ]);
  await mustRun(["install", "--home", home, "--from", join(work, "repository"), "--channel", "bench", "--root", root]);
  await mustRun(["observe", "50", "--home", home]);
  return home;
}

/** The launcher under other shells than /bin/sh. */
function shells(launcher: string): Way[] {
  const ways = [
    ["bash", "--posix"],
    ["busybox", "sh"],
  ].map(([shell = "", word = ""]) => ({ shell, file: found(shell), word }));
  return ways.flatMap(({ shell, file, word }) =>
    file === undefined ? [] : [{ name: `launcher under ${shell}`, words: [file, word, launcher] }],
  );
}

function shim(work: string, engine: string): Way {
  const home = join(work, "shim-home");
  mkdirSync(join(home, "toolchains", "1.0.0", "bin"), { recursive: true });
  writeFileSync(join(home, "settings.toml"), 'version = "12"\ndefault_toolchain = "1.0.0"\nprofile = "default"\n');
  copyFileSync(engine, join(home, "toolchains", "1.0.0", "bin", "shim"));
  return { name: "the least of a proxy, in C", words: [compile(work, "shim")], env: { SHIM_HOME: home } };
}

/** rustup itself, with a toolchain whose compiler is the same small program. */
function rustup(work: string, engine: string): Way[] {
  const file = found("rustup");
  if (file === undefined) return [];
  const env = { RUSTUP_HOME: join(work, "rustup") };
  const toolchain = join(work, "toolchain");
  for (const part of ["bin", "lib"]) mkdirSync(join(toolchain, part), { recursive: true });
  copyFileSync(engine, join(toolchain, "bin", "rustc"));
  must(file, ["toolchain", "link", "sample", toolchain], env);
  must(file, ["default", "sample"], env);
  const proxy = join(work, "rustc");
  symlinkSync(file, proxy);
  return [{ name: must(file, ["--version"], env).replace(/ \(.*/s, ""), words: [proxy], env }];
}

/** mise itself, with a node that is the same small program. */
function mise(work: string, engine: string): Way[] {
  const file = found("mise");
  if (file === undefined) return [];
  const at = (name: string) => join(work, "mise", name);
  const env = {
    MISE_DATA_DIR: at("data"),
    MISE_CONFIG_DIR: at("config"),
    MISE_CACHE_DIR: at("cache"),
    MISE_OFFLINE: "1",
  };
  for (const name of ["data/shims", "config", "cache", "tool/bin"]) mkdirSync(at(name), { recursive: true });
  writeFileSync(at("config/config.toml"), `[tools]\nnode = "path:${at("tool")}"\n`);
  copyFileSync(engine, at("tool/bin/node"));
  symlinkSync(file, at("data/shims/node"));
  return [{ name: `mise ${must(file, ["--version"], env).trim().split(" ")[0]}`, words: [at("data/shims/node")], env }];
}

function report(turns: string, count: number, ways: readonly Way[]): void {
  // nobody's settings but those made here; a backtrace costs whoever is asked for one ten times its own start
  const own = { ...process.env, HOME: folder, RUST_BACKTRACE: "0" };
  const env = Object.assign(own, ...ways.map((way) => way.env ?? {}));
  // the first rounds fill the disk's cache and that of what was compiled
  const args = [`${count + 5}`, ...ways.map(({ words }) => words.join(" "))];
  const { status, stdout, stderr } = spawnSync(turns, args, { encoding: "utf8", cwd: folder, env, maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(stderr);
  const starts = ways.map((): { wall: number; cpu: number }[] => []);
  for (const line of stdout.trim().split("\n")) {
    const [way = 0, wall = 0, cpu = 0] = line.split(" ").map(Number);
    starts[way]?.push({ wall: wall / 1e6, cpu: cpu / 1e3 });
  }
  const measured = starts.map((all) => all.slice(5));
  const [direct = []] = measured;
  console.log(
    `${count} rounds, ms\n\n| way | wall | quartiles | over direct | quartiles | processor |\n|---|---|---|---|---|---|`,
  );
  for (const [number, { name }] of ways.entries()) {
    const all = measured[number] ?? [];
    const wall = spread(all.map((start) => start.wall));
    const over = spread(all.map((start, round) => start.wall - (direct[round]?.wall ?? Number.NaN)));
    const [, cpu] = spread(all.map((start) => start.cpu));
    console.log(`| ${name} | ${wall[1]} | ${wall[0]} to ${wall[2]} | ${over[1]} | ${over[0]} to ${over[2]} | ${cpu} |`);
  }
  console.log("");
}

/** Lower quartile, median, upper quartile. */
function spread(values: readonly number[]): readonly string[] {
  const sorted = values.toSorted((one, other) => one - other);
  return [0.25, 0.5, 0.75].map((share) => (sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN).toFixed(2));
}

function compile(work: string, name: string): string {
  const file = join(work, name);
  must("cc", ["-O2", "-o", file, join(SOURCES, `${name}.c`)]);
  return file;
}

function must(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const done = spawnSync(file, args, { encoding: "utf8", env: { ...process.env, ...env } });
  if (done.status !== 0) throw new Error(`${file} ${args.join(" ")}: ${done.error?.message ?? done.stderr}`);
  return done.stdout;
}

function found(name: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(":")
    .map((place) => join(place, name))
    .find((file) => existsSync(file));
}
