// The end-to-end suite on each platform that is to be had from here: `npm run test:platforms [-- FILE...]`. Roots of other platforms are
// made from Debian's packages, npm and PyPI, as root; kept in .cache/platforms. The end counts each platform's cases.
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { preparePlatforms } from "../test/platforms/support/prepare.ts";
import { runCounted } from "./counted-tests.ts";
import { refreshBuild } from "./fresh-build.ts";

const checkout = fileURLToPath(new URL("..", import.meta.url));
process.chdir(checkout);
refreshBuild();

const asked = process.argv.slice(2);
const files = asked.length > 0 ? asked : globSync("test/platforms/*.test.ts").sort();
const platforms = files.map((file) => basename(file, ".test.ts"));
process.env["ENGINERY_TEST_PLATFORMS"] = JSON.stringify(
  preparePlatforms(join(checkout, ".cache", "platforms"), checkout, platforms),
);
const counts = new Map<string, { passed: number; failed: number; skipped: number }>();
const events = runCounted(files, () => {
  for (const [platform, { passed, failed, skipped }] of [...counts].sort())
    process.stdout.write(`${platform}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
});
events.on("test:pass", ({ name, skip, details }) => {
  if (skip !== undefined) of(name).skipped++;
  else if (details.type !== "suite") of(name).passed++;
});
events.on("test:fail", ({ name, details }) => {
  if (details.type !== "suite") of(name).failed++;
});

/** A case's name, and that of a suite that is skipped whole, begins with the platform. */
function of(name: string) {
  const platform = /^(\S+): /.exec(name)?.[1] ?? "any";
  const known = counts.get(platform) ?? { passed: 0, failed: 0, skipped: 0 };
  counts.set(platform, known);
  return known;
}
