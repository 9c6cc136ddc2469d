// Runs the suites that need nothing but npm: `node scripts/test.ts [FOLDER|FILE...]`. Suites with needs of their own have own scripts.
import { spawnSync } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";

const folders = ["architecture", "core", "store", "adapters", "ops", "library", "sim", "crash", "cli", "hostile"];
const asked = process.argv.slice(2);
const files = (asked.length > 0 ? asked : folders).flatMap(filesOf);
// one file more than Node would take at once: many wait for processes of their own
const width = `--test-concurrency=${availableParallelism()}`;
// one that hangs is named, and the others run
const patience = "--test-timeout=600000";
const result = spawnSync(process.execPath, ["--test", width, patience, ...files.sort()], { stdio: "inherit" });
process.exit(result.status ?? 1);

/** A folder under test/, or a file. One that holds no test is a slip of the fingers, and not a run of nothing. */
function filesOf(place: string): readonly string[] {
  if (place.endsWith(".ts")) return [place];
  const folder = [place, `test/${place}`].find((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  const found = folder === undefined ? [] : globSync(`${folder}/**/*.test.ts`);
  if (found.length > 0 || asked.length === 0) return found;
  process.stderr.write(`There are no tests in ${place}.\n`);
  process.exit(2);
}
