// Makes dist/: the command line and the library as ES modules in chunks, the library's types, and a warm compile cache.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
/** `node scripts/build.ts [FOLDER]`: somewhere else than where `bin/enginery` looks for it. */
const dist = process.argv[2] ?? `${root}dist`;

const { outputFiles } = await build({
  write: false,
  absWorkingDir: root,
  entryPoints: ["src/main.ts", "src/index.ts"],
  outdir: dist,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  chunkNames: "chunks/[name]-[hash]",
  legalComments: "linked",
  logLevel: "warning",
  // CommonJS libraries within ES modules ask for Node's own modules this way.
  banner: {
    js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
  },
});
// What was there before stays until all of the new is made.
rmSync(dist, { recursive: true, force: true });
for (const { path, contents } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
emitTypes();
for (const words of [["help"], ["status", "--home", `${dist}/no-home`]])
  run(process.execPath, [`${dist}/main.js`, ...words]);

function emitTypes(): void {
  const flags = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", `${dist}/types`];
  const done = run(process.execPath, [
    `${root}node_modules/typescript/bin/tsc`,
    "-p",
    `${root}tsconfig.build.json`,
    ...flags,
  ]);
  if (done.status !== 0) {
    process.stderr.write(done.stdout);
    process.exitCode = 1;
  }
}

function run(file: string, words: readonly string[]) {
  return spawnSync(file, words, { encoding: "utf8", cwd: root, env: { ...process.env, NO_COLOR: "1" } });
}
