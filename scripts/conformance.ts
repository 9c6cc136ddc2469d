// TUF conformance: the public suite where TUF_CONFORMANCE names its folder, then our own cases. `node scripts/conformance.ts [PYTEST ARGUMENT...]`
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCounted } from "./counted-tests.ts";

const checkout = fileURLToPath(new URL("..", import.meta.url));
process.chdir(checkout);

const suite = process.env["TUF_CONFORMANCE"];
if (suite === undefined) {
  process.stdout.write("The public suite is not run: TUF_CONFORMANCE names no folder of it (docs/conformance.md).\n");
} else if (!runPublicSuite(suite)) {
  process.exitCode = 1;
}
runCounted(globSync("test/conformance/*.test.ts").sort());

/** By the Python that the suite's own instructions set up in its folder, else by PATH's. Its last line is the figure. */
function runPublicSuite(folder: string): boolean {
  const own = join(folder, "env", "bin", "python");
  const python = existsSync(own) ? own : "python3";
  const words = [
    "-m",
    "pytest",
    "-q",
    "-rfEsxX",
    "tuf_conformance",
    "--entrypoint",
    join(checkout, "bin", "tuf-client"),
  ];
  const ended = spawnSync(python, [...words, ...process.argv.slice(2)], { cwd: folder, stdio: "inherit" });
  if (ended.error !== undefined) process.stderr.write(`${python} does not start: ${ended.error.message}\n`);
  return ended.status === 0;
}
