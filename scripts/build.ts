// Makes dist/: the command line as CommonJS in a few files with its code compiled, the library as ES modules in chunks, and the library's types.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { keepCode } from "./build/code-cache.ts";
import { buildCommand } from "./build/command.ts";
import { licenceTexts } from "./build/licence-texts.ts";
import { SHIPPED } from "./build/settings.ts";

// npm serves files with the modes that they have
process.umask(0o022);
const root = fileURLToPath(new URL("..", import.meta.url));
/** `node scripts/build.ts [FOLDER]`: somewhere else than where `bin/enginery` looks for it. */
const dist = resolve(process.argv[2] ?? `${root}dist`);

const [command, { outputFiles: library }] = await Promise.all([buildCommand(root), buildLibrary()]);
// npm has the bill of materials made before it has this run, when it packs (prepack, prepare)
const bill = `${dist}/sbom.cdx.json`;
const packed = existsSync(bill) ? readFileSync(bill) : undefined;
// What was there before stays until all of the new is made.
rmSync(dist, { recursive: true, force: true });
if (packed !== undefined) write(bill, packed);
for (const { path, contents } of library) write(path, contents);
for (const [name, text] of command) write(`${dist}/command/${name}`, text);
write(`${dist}/LICENCES.txt`, licenceTexts(root));
emitTypes();
if (process.argv[2] === undefined) await keepCode(root);

function buildLibrary() {
  return build({
    ...SHIPPED,
    absWorkingDir: root,
    entryPoints: ["src/index.ts"],
    outdir: dist,
    splitting: true,
    format: "esm",
    chunkNames: "chunks/[name]-[hash]",
    // CommonJS libraries within ES modules ask for Node's own modules this way.
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
  });
}

function write(path: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}

function emitTypes(): void {
  const flags = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", `${dist}/types`];
  const words = [`${root}node_modules/typescript/bin/tsc`, "-p", `${root}tsconfig.build.json`, ...flags];
  const done = spawnSync(process.execPath, words, { encoding: "utf8", cwd: root });
  if (done.status !== 0) {
    process.stderr.write(done.stdout);
    process.exitCode = 1;
  }
}
