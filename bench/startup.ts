// How long short verbs take, as ratios to the same Node that starts and does nothing: `node bench/startup.ts [ROUNDS]`.
// The ways are run in turns, so that whatever else the machine does falls on all of them alike; where it does much, the processor time
// (Linux) is the figure to read.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENGINERY, mustRun, publish, serve } from "./channel.ts";
import { largeHome } from "./large-home.ts";
import { inTurns, type Way } from "./run/turns.ts";

const RELEASES = 1000;

if (process.argv[2] === "serve") {
  // a process of its own: what it does is not done by the one that measures
  const { base } = await serve(process.argv[3] ?? "");
  process.stdout.write(base);
  setTimeout(() => process.exit(), 3_600_000);
} else {
  const folder = mkdtempSync(join(tmpdir(), "enginery-startup-"));
  try {
    await measure(folder, Number(process.argv[2] ?? 31));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(work: string, rounds: number): Promise<void> {
  const root = await publish(work, [
    { version: "1.0.0", validFrom: 0, mebibytes: 0 },
    { version: "2.0.0", validFrom: 100, mebibytes: 0 },
  ]);
  const [server, base] = await serveElsewhere(join(work, "repository"));
  try {
    const home = join(work, "home");
    await mustRun(["install", "--home", home, "--from", base, "--channel", "bench", "--root", root, "sample@1.0.0"]);
    await mustRun(["observe", "50", "--home", home]);
    await mustRun(["upgrade", "--home", home]);
    const large = makeLarge(join(work, "large"));
    console.log(inTurns(waysOf(home, large), rounds));
  } finally {
    server.kill();
  }
}

function waysOf(home: string, large: string): readonly Way[] {
  const enginery = (words: string, name = `enginery ${words}`, at = home) => ({
    name,
    file: ENGINERY,
    args: words.split(" "),
    home: at,
  });
  return [
    { name: "node -e 0", file: process.execPath, args: ["-e", "0"] },
    enginery("--version"),
    enginery("which sample"),
    enginery("list"),
    enginery("status"),
    enginery("pin tenant sample@1.0.0"),
    enginery("unpin tenant sample"),
    enginery("check", "enginery check (loopback HTTP)"),
    enginery("upgrade", "enginery upgrade, nothing new (loopback HTTP)"),
    enginery("rollback --to 1"),
    // a rollback holds the channel still: the next round's upgrade is to have nothing to do for another reason
    enginery("upgrade --again --no-prune", "(back to where it was)"),
    enginery("which --epoch 5 sample", `enginery which --epoch 5 sample, ${RELEASES} releases`, large),
    enginery("rollback --to 1", `enginery rollback --to 1, ${RELEASES} releases`, large),
    { name: "bin/sample (launcher)", file: join(home, "bin", "sample"), args: [] },
  ];
}

/** So many releases installed, as records and seals say, and a second generation. */
function makeLarge(path: string): string {
  const home = largeHome(path, RELEASES);
  const first = home.generations.newest();
  if (first === undefined) throw new Error("The large home has no generation.");
  for (const { engine, version, platform, tree, bytes, files } of first.installations) {
    const folder = home.installations.path(engine, version);
    mkdirSync(join(folder, "bin"), { recursive: true });
    writeFileSync(join(folder, "bin", "sample"), "0");
    writeFileSync(
      join(folder, "SEAL.json"),
      JSON.stringify({ format: 1, engine, version, platform, tree, bytes, files }),
    );
  }
  const { number, cause, at, channel, trustSet, manifest, installations, selections } = first;
  const next = { format: 1, cause, at, channel, trustSet, manifest, installations, selections } as const;
  home.generations.commit({ ...next, number: number + 1, operation: "1".repeat(32) });
  return path;
}

async function serveElsewhere(folder: string) {
  const server = spawn(process.execPath, [import.meta.filename, "serve", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const base = await new Promise<string>((resolve) => server.stdout.once("data", (text) => resolve(String(text))));
  return [server, base] as const;
}
