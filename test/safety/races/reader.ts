/**
 * Reads a home as a host does, as fast as it can, until its input ends; then tells how often, and what was wrong.
 * node reader.ts HOME, or: node reader.ts HOME launchers
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openHome } from "../../../src/index.ts";

const EXPECTED: readonly (readonly [string, readonly string[]])[] = [
  ["toy", ["2.0.0"]],
  ["rig", ["1.0.0", "2.0.0"]],
];

const [home = "", kind = "library"] = process.argv.slice(2);
let looks = 0;
const wrong: string[] = [];
let ended = false;
process.stdin
  .on("data", () => undefined)
  .on("end", () => {
    ended = true;
  });

/** One release, whole: what is answered is there and is what it says. */
function lookOnce(host: ReturnType<typeof openHome>): void {
  host.refresh();
  for (const [engine, versions] of EXPECTED) {
    const { version, path } = host.resolve({ engine });
    if (!versions.includes(version)) wrong.push(`${engine} is ${version}`);
    if (!path.includes(`/engines/${engine}/${version}/`)) wrong.push(`${engine}@${version} is at ${path}`);
    if (!readFileSync(path, "utf8").includes(`${engine} ${version}`)) wrong.push(`${path} is another engine`);
  }
}

function launchOnce(): void {
  for (const [engine, versions] of EXPECTED) {
    const env = { PATH: process.env["PATH"], ENGINERY_COMMAND: process.env["ENGINERY_COMMAND"] };
    const { status, stdout, stderr } = spawnSync(join(home, "bin", engine), ["--version"], { encoding: "utf8", env });
    const said = `${engine}: exit ${status}, ${stdout}${stderr}`;
    if (status !== 0 || !versions.some((version) => stdout === `${engine} ${version} --version\n`)) wrong.push(said);
  }
}

const host = kind === "library" ? openHome(home) : undefined;
process.stdout.write("ready\n");
while (!ended) {
  try {
    if (host === undefined) launchOnce();
    else lookOnce(host);
  } catch (error) {
    wrong.push(`${String(error)} (home there: ${existsSync(home)})`);
  }
  looks += 1;
  // Others want the processor too.
  await pause(kind === "library" ? 1 : 5);
}
process.stdout.write(`${JSON.stringify({ looks, wrong: wrong.slice(0, 20) })}\n`);
