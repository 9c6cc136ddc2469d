import { spawnSync } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** bin/enginery starts dist/ where it is there: builds it anew where the source is newer, so that a suite never runs old code. */
export function refreshBuild(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const built = statSync(`${root}dist/index.js`, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return;
  const sources = globSync("src/**/*.ts", { cwd: root });
  if (sources.every((file) => statSync(root + file).mtimeMs <= built)) return;
  const { status } = spawnSync(process.execPath, ["scripts/build.ts"], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error("The build failed.");
}
