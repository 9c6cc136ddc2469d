// Runs the suites that need nothing but npm: `node scripts/test.ts [FOLDER|FILE...]`. Suites with needs of their own have own scripts.
import { spawnSync } from "node:child_process";
import { globSync, statSync } from "node:fs";

const folders = ["architecture", "core", "store", "adapters", "ops", "sim", "crash", "cli", "hostile"];
const asked = process.argv.slice(2);
const places = asked.length > 0 ? asked : folders.map((folder) => `test/${folder}`);
const files = places.flatMap((place) =>
  statSync(place, { throwIfNoEntry: false })?.isDirectory()
    ? globSync(`${place}/**/*.test.ts`)
    : place.endsWith(".ts")
      ? [place]
      : [],
);
const result = spawnSync(process.execPath, ["--test", ...files.sort()], { stdio: "inherit" });
process.exit(result.status ?? 1);
