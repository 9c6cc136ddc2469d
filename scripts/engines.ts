// Real engines end to end: fetches or builds them into .cache/engines, then runs test/engines. `node scripts/engines.ts [FILE...]`
import { globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareEngines } from "../test/engines/support/prepare.ts";
import { runCounted } from "./counted-tests.ts";
import { refreshBuild } from "./fresh-build.ts";

const checkout = fileURLToPath(new URL("..", import.meta.url));
process.chdir(checkout);
refreshBuild();
process.env["ENGINERY_TEST_ENGINES"] = await prepareEngines(join(checkout, ".cache", "engines"));
const asked = process.argv.slice(2);
runCounted(asked.length > 0 ? asked : globSync("test/engines/*.test.ts").sort());
