import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const CHECKOUT = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * The command line of `source` (a checkout's src/) as one program in `folder`, with a warm compile cache: what other processes build or
 * edit meanwhile does not reach it. Answers the file for Node to run. Costs half a second.
 */
export async function buildProgram(folder: string, source = join(CHECKOUT, "src")): Promise<string> {
  const outdir = join(folder, "dist");
  mkdirSync(outdir, { recursive: true });
  await build({
    absWorkingDir: CHECKOUT,
    entryPoints: [join(source, "main.ts")],
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    logLevel: "error",
    // Source elsewhere finds its libraries here.
    nodePaths: [join(CHECKOUT, "node_modules")],
    banner: {
      js: `import { createRequire as makeRequire, enableCompileCache } from "node:module";
const require = makeRequire(import.meta.url);
enableCompileCache(${JSON.stringify(join(outdir, ".compile-cache"))});`,
    },
  });
  const program = join(outdir, "main.js");
  spawnSync(process.execPath, [program, "help"]);
  return program;
}
