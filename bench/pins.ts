// What pins cost at size: `node bench/pins.ts [ROUNDS] [PINS...]`. Each verb among so many pins, and `node -e 0`, in turns.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENGINERY, mustRun, publish } from "./channel.ts";

const [rounds = 15, ...sizes] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "enginery-pins-"));
try {
  await measure(folder, sizes.length > 0 ? sizes : [10, 1_000, 100_000]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(work: string, counts: readonly number[]): Promise<void> {
  const root = await publish(work, [
    { version: "1.0.0", validFrom: 0, mebibytes: 0 },
    { version: "2.0.0", validFrom: 100, mebibytes: 0 },
  ]);
  const home = join(work, "home");
  const from = ["--from", join(work, "repository"), "--channel", "bench", "--root", root];
  await mustRun(["install", ...from, "--home", home, "--yes"]);
  console.log("| pins | verb | median | quartiles | to `node -e 0` |\n| --- | --- | --- | --- | --- |");
  let there = 0;
  for (const count of counts) {
    const file = join(work, `pins-${count}.txt`);
    const lines = Array.from({ length: count - there }, (_, at) => `tenant-${there + at} sample@1.0.0\n`);
    writeFileSync(file, lines.join(""));
    const start = performance.now();
    run(home, ["pin", "--from-file", file]);
    const took = performance.now() - start;
    console.log(`| ${count} | \`pin --from-file\`, ${lines.length} lines | ${took.toFixed(0)} ms | once | |`);
    there = count;
    report(home, count);
  }
}

function report(home: string, count: number): void {
  const verbs: Readonly<Record<string, readonly string[]>> = {
    "`which --tenant`": ["which", "sample", "--tenant", "tenant-3"],
    "`pin`": ["pin", "one", "sample@1.0.0"],
    "`unpin`": ["unpin", "one", "sample"],
    "`status`": ["status"],
    "`pins`": ["pins"],
    "`prune`": ["prune", "--yes"],
  };
  const times = new Map<string, number[]>(["`node -e 0`", ...Object.keys(verbs)].map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    times.get("`node -e 0`")?.push(timed(() => spawnSync(process.execPath, ["-e", "0"])));
    for (const [name, words] of Object.entries(verbs)) {
      if (/status|pins|prune/.test(name) && round >= 3) continue;
      times.get(name)?.push(timed(() => run(home, words)));
    }
  }
  const base = quantile(times.get("`node -e 0`") ?? [], 0.5);
  for (const [name, all] of times) {
    const [low, median, high] = [0.25, 0.5, 0.75].map((part) => quantile(all, part).toFixed(0));
    const ratio = (quantile(all, 0.5) / base).toFixed(2);
    console.log(`| ${count} | ${name} | ${median} ms | ${low} to ${high} | ${ratio} |`);
  }
}

function run(home: string, words: readonly string[]): void {
  const { status, stderr } = spawnSync(ENGINERY, [...words, "--home", home, "--quiet"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${words.join(" ")} ended with ${status}: ${stderr}`);
}

function timed(act: () => unknown): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
