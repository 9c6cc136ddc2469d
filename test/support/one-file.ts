import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));

/** The whole command line as one executable file that calls itself `version`, for this very Node. Costs a second. */
export async function buildOneFile(file: string, version: string): Promise<void> {
  const { outputFiles } = await build({
    write: false,
    absWorkingDir: CHECKOUT,
    entryPoints: ["src/main.ts"],
    bundle: true,
    minify: true,
    format: "cjs",
    platform: "node",
    target: "node24",
    logLevel: "error",
    banner: { js: `#!${process.execPath}` },
    plugins: [
      {
        name: "version",
        setup: ({ onLoad }) => {
          onLoad({ filter: /src\/cli\/version\.ts$/ }, ({ path }) => ({
            contents: readFileSync(path, "utf8").replace(/"\d[^"]*"/, JSON.stringify(version)),
            loader: "ts",
          }));
        },
      },
    ],
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, outputFiles[0]?.contents ?? "");
  chmodSync(file, 0o555);
}
