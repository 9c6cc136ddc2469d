// The single file beside the Node that is in it: bytes, and how long short verbs take: `node bench/single-file.ts [ROUNDS]`.
// It is made anew for this platform, which must be one that Enginery has single files for.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENGINERY, mustRun, publish } from "./channel.ts";
import { inTurns, type Way } from "./run/turns.ts";

const VERBS = ["--version", "which sample", "list", "help"];
/** How a release may be packed for its download. */
const PACKERS: readonly (readonly [command: string, ...args: string[]])[] = [
  ["xz", "-6", "-T0", "-c"],
  ["zstd", "-19", "--long", "-T0", "-c"],
  ["gzip", "-6", "-c"],
];

const folder = mkdtempSync(join(tmpdir(), "enginery-single-file-"));
try {
  await measure(folder, Number(process.argv[2] ?? 31));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(work: string, rounds: number): Promise<void> {
  const single = make(join(work, "enginery-installer"));
  const root = await publish(work, [{ version: "1.0.0", validFrom: 0, mebibytes: 0 }]);
  const home = join(work, "home");
  const from = ["--from", join(work, "repository"), "--channel", "bench", "--root", root];
  await mustRun(["install", "--home", home, ...from, "sample@1.0.0"]);
  console.log(`${inTurns(waysOf(single, home), rounds)}\n\n${sizes(single)}`);
}

function make(out: string): string {
  const words = ["--platform", `${process.platform}-${process.arch}`, "--out", out];
  const made = spawnSync(process.execPath, ["scripts/build-sea.ts", ...words], {
    cwd: join(import.meta.dirname, ".."),
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(`The single file was not made: ${made.stderr}`);
  return out;
}

function sizes(single: string): string {
  const node = statSync(process.execPath).size;
  const of = (bytes: number) => `${bytes.toLocaleString("en-US")} | ${(bytes / node).toFixed(2)} |`;
  const packs = PACKERS.map(
    (packer) => [`packed by \`${packer.slice(0, 2).join(" ")}\``, packed(packer, single)] as const,
  );
  const rows = [["Node, as npm carries it", node] as const, ["single file", statSync(single).size] as const, ...packs];
  const known = rows.filter(([, bytes]) => !Number.isNaN(bytes));
  return [
    "| | bytes | to Node |\n| --- | --- | --- |",
    ...known.map(([name, bytes]) => `| ${name} | ${of(bytes)}`),
    "",
  ].join("\n");
}

/** NaN where there is no such command. */
function packed([command, ...args]: (typeof PACKERS)[number], file: string): number {
  const counted = spawnSync(
    "sh",
    ["-c", `command -v "$1" >/dev/null || exit 1; "$@" | wc -c`, "sh", command, ...args, file],
    {
      encoding: "utf8",
    },
  );
  return counted.status === 0 ? Number(counted.stdout) : Number.NaN;
}

function waysOf(single: string, home: string): readonly Way[] {
  return [
    { name: "node -e 0", file: process.execPath, args: ["-e", "0"] },
    ...VERBS.flatMap((verb) => [
      { name: `start.cjs ${verb}`, file: ENGINERY, args: verb.split(" "), home },
      { name: `single file ${verb}`, file: single, args: verb.split(" "), home },
    ]),
  ];
}
