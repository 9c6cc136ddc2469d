// How long the command takes to start, as a ratio to the same Node that starts and does nothing: `node bench/startup.ts [ROUNDS]`.
// The ways are run in turns, so that whatever else the machine does falls on all of them alike.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENGINERY, mustRun, publish } from "./channel.ts";

const rounds = Number(process.argv[2] ?? 31);
const folder = mkdtempSync(join(tmpdir(), "enginery-startup-"));
try {
  await measure(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(work: string): Promise<void> {
  const home = join(work, "home");
  const root = await publish(work, [
    { version: "1.0.0", validFrom: 0, mebibytes: 0 },
    { version: "2.0.0", validFrom: 100, mebibytes: 0 },
  ]);
  await mustRun(["install", "--home", home, "--from", join(work, "repository"), "--channel", "bench", "--root", root]);
  await mustRun(["observe", "50", "--home", home]);
  const env = { ...process.env, ENGINERY_HOME: home };
  const ways: readonly [string, string, readonly string[]][] = [
    ["node -e 0", process.execPath, ["-e", "0"]],
    ["enginery --version", ENGINERY, ["--version"]],
    ["enginery which sample", ENGINERY, ["which", "sample"]],
    ["enginery list", ENGINERY, ["list"]],
    ["bin/sample (launcher)", join(home, "bin", "sample"), []],
  ];
  const times = ways.map((): number[] => []);
  // the first two rounds fill the compile cache and the disk's
  for (let round = -2; round < rounds; round += 1) {
    for (const [number, [name, file, args]] of ways.entries()) {
      const elapsed = time(name, file, args, env);
      if (round >= 0) times[number]?.push(elapsed);
    }
  }
  const [bare = []] = times;
  console.log(
    `Node ${process.version} on ${process.platform}-${process.arch}, ${rounds} rounds, ratios to node -e 0\n`,
  );
  console.log("| command | median | quartiles |\n|---|---|---|");
  for (const [number, [name]] of ways.entries()) {
    const ratios = (times[number] ?? []).map((elapsed, round) => elapsed / (bare[round] ?? Number.NaN));
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(2));
    console.log(`| \`${name}\` | ${middle} | ${low} to ${high} |`);
  }
}

function time(name: string, file: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
  const begin = process.hrtime.bigint();
  const { status, stderr } = spawnSync(file, args, { stdio: ["ignore", "ignore", "pipe"], env });
  const elapsed = Number(process.hrtime.bigint() - begin);
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return elapsed;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
}
