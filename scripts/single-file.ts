// One file that is all of Enginery, built and run: `npm run test:sea [-- FILE...]`. Fetches Node's platform packages and a real engine by npm.
import { globSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HERMES_VERSIONS } from "../test/engines/support/engines.ts";
import { hermes, prepared } from "../test/engines/support/prepare.ts";
import { runCounted } from "./counted-tests.ts";

const checkout = fileURLToPath(new URL("..", import.meta.url));
process.chdir(checkout);
const cache = join(checkout, ".cache", "engines");
mkdirSync(cache, { recursive: true });
const engines = {
  hermes: Object.fromEntries(HERMES_VERSIONS.map((version) => [version, prepared(() => hermes(cache, version))])),
};
const list = join(cache, "single-file-engines.json");
writeFileSync(list, JSON.stringify(engines, undefined, 2));
process.env["ENGINERY_TEST_ENGINES"] = list;
const asked = process.argv.slice(2);
runCounted(asked.length > 0 ? asked : globSync("test/single-file/*.test.ts").sort());
