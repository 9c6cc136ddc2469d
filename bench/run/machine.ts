import { spawnSync } from "node:child_process";
import { cpus, loadavg, release, totalmem, version } from "node:os";

/** What a reader needs to judge the figures; neither names nor paths of the machine. */
export function describeMachine(folder: string): readonly string[] {
  const [cpu] = cpus();
  return [
    `${cpus().length} cores (${cpu?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory`,
    `${process.platform}-${process.arch}, kernel ${kernel()}, file system ${fileSystemOf(folder)}`,
    `Node ${process.version} runs Enginery and the static server`,
  ];
}

export function load(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(", ");
}

/** The number alone: what follows it may name who built it. */
function kernel(): string {
  return /^\d+(\.\d+)*/.exec(release())?.[0] ?? version();
}

function fileSystemOf(folder: string): string {
  const { status, stdout } = spawnSync("df", ["--output=fstype", folder], { encoding: "utf8" });
  return status === 0 ? (stdout.trim().split("\n").at(-1) ?? "unknown") : "unknown";
}
