// The most memory that a first install takes, for archives of several sizes over loopback: `node bench/memory.ts [MEBIBYTES...]`.
// Each size is a release with so many MiB of files, half of which cannot be compressed.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mustRun, publish, serve } from "./channel.ts";

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [16, 128, 512];

console.log(`Node ${process.version} on ${process.platform}-${process.arch}; peak resident memory\n`);
console.log("| files | archive | `repo add`, `repo sign` | first `install` |\n|---|---|---|---|");
for (const mebibytes of sizes) {
  const folder = mkdtempSync(join(tmpdir(), "enginery-memory-"));
  try {
    console.log(await measure(folder, mebibytes));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, mebibytes: number): Promise<string> {
  const publisher = watched(folder, "publisher");
  const root = await publish(folder, [{ version: "1.0.0", validFrom: 0, mebibytes }], publisher.env);
  const { server, base } = await serve(join(folder, "repository"));
  try {
    const operator = watched(folder, "operator");
    const home = join(folder, "home");
    await mustRun(["install", "--home", home, "--from", base, "--channel", "bench", "--root", root], operator.env);
    await mustRun(["verify", "--home", home], {});
    const archives = join(folder, "repository", "archives");
    const bytes = readdirSync(archives).reduce((sum, name) => sum + statSync(join(archives, name)).size, 0);
    return `| ${mebibytes} MiB | ${(bytes / 2 ** 20).toFixed(0)} MiB | ${publisher.peak()} MiB | ${operator.peak()} MiB |`;
  } finally {
    server.close();
  }
}

/** The environment in which every Node notes its own peak when it ends, and the greatest of what was noted. */
function watched(folder: string, name: string): { readonly env: Record<string, string>; readonly peak: () => string } {
  const notes = join(folder, `${name}.notes`);
  const preload = join(folder, "note-peak.cjs");
  writeFileSync(
    preload,
    `process.on("exit", () => require("node:fs").appendFileSync(process.env.BENCH_NOTES, process.resourceUsage().maxRSS + "\\n"));\n`,
  );
  return {
    env: { NODE_OPTIONS: `--require=${preload}`, BENCH_NOTES: notes },
    peak: () => {
      const kibibytes = readFileSync(notes, "utf8").trim().split("\n").map(Number);
      return (Math.max(...kibibytes) / 1024).toFixed(0);
    },
  };
}
