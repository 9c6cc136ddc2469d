import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { pin } from "../../src/ops/pin.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const TSC = join(PROJECT, "node_modules", "typescript", "bin", "tsc");

const world: TestWorld & Disposable = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
/** A host's project, with Enginery built and installed in it. */
const host = join(world.folder, "host");

before(async () => {
  const installed = join(host, "node_modules", "enginery");
  mkdirSync(installed, { recursive: true });
  const built = node(join(PROJECT, "scripts", "build.ts"), join(installed, "dist"));
  assert.equal(built.status, 0, built.stdout + built.stderr);
  cpSync(join(PROJECT, "package.json"), join(installed, "package.json"));
  mkdirSync(join(host, "node_modules", "@types"));
  symlinkSync(join(PROJECT, "node_modules", "@types", "node"), join(host, "node_modules", "@types", "node"));
  symlinkSync(join(PROJECT, "node_modules", "undici-types"), join(host, "node_modules", "undici-types"));
  writeFileSync(join(host, "package.json"), '{"name":"host","type":"module"}');
  await installedToys(world);
  await pin(world, {
    home: homeOf(world),
    dryRun: false,
    pins: [{ tenant: "vat-7", engine: "toy", version: "2.0.0" }],
  });
});
after(() => world[Symbol.dispose]());

function node(...words: readonly string[]) {
  return spawnSync(process.execPath, words, { encoding: "utf8", cwd: host, timeout: 240_000, killSignal: "SIGKILL" });
}

/** Strict, and the library's own declarations are checked with it. */
function typeCheck(...files: readonly string[]) {
  const flags = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false"];
  const target = ["--target", "es2024", "--lib", "es2024,esnext.disposable", "--module", "nodenext", "--types", "node"];
  return node(TSC, ...flags, ...target, ...files);
}

/** The program that the guide shows. */
function guideProgram(): string {
  const guide = readFileSync(join(PROJECT, "docs", "guides", "host-authors.md"), "utf8");
  return /```ts\n(.*?)```/s.exec(guide)?.[1] ?? assert.fail("The guide shows no program.");
}

test("the guide's program passes the type checker against the declarations as they are shipped, and runs", () => {
  writeFileSync(join(host, "guide.ts"), guideProgram());
  const checked = typeCheck("guide.ts");
  assert.equal(checked.status, 0, checked.stdout);
  const ran = node("guide.ts", homeOf(world), "toy", "50");
  assert.equal(
    ran.stdout,
    "vat-7 has 2.0.0 by pin: toy 2.0.0 --version\nvat-8 has 1.0.0 by schedule: toy 1.0.0 --version\n",
  );
  assert.deepEqual([ran.status, ran.stderr], [0, ""]);
});

test("the declarations refuse what the library would refuse, and name every error code", () => {
  const wrong: Readonly<Record<string, string>> = {
    'home.resolve({ engine: "toy", epoch: "50" });': "number",
    "home.resolve({ epoch: 50 });": "engine",
    'home.lease({ engine: "toy" });': "tree",
    'home.watch((change) => change.kind === "nothing");': "nothing",
    'isEngineryError(new Error(), "no-such-code");': "no-such-code",
    "home.resolve({ engine: 'toy' }).version = '1.0.0';": "version",
  };
  const lines = Object.keys(wrong);
  const head = 'import { isEngineryError, openHome } from "enginery";\nconst home = openHome("/nowhere");\n';
  writeFileSync(join(host, "wrong.ts"), `${head}${lines.join("\n")}\n`);
  const { status, stdout } = typeCheck("wrong.ts");
  assert.notEqual(status, 0);
  for (const [at, line] of lines.entries()) {
    const found = stdout.split("\n").find((one) => one.startsWith(`wrong.ts(${at + 3},`));
    assert.match(found ?? "", new RegExp(wrong[line] ?? ""), `${line}\n${stdout}`);
  }
});

test("a host that forgets to close its home ends all the same", () => {
  const program = `
    import { openHome } from "enginery";
    const home = openHome(${JSON.stringify(homeOf(world))});
    home.watch(() => {});
    console.log(home.resolve({ engine: "toy", epoch: 50 }).version);
  `;
  writeFileSync(join(host, "forgets.mjs"), program);
  const { status, stdout, stderr, signal } = node("forgets.mjs");
  assert.deepEqual({ status, stdout, stderr, signal }, { status: 0, stdout: "1.0.0\n", stderr: "", signal: null });
});

test("errors of the built library have codes, hints and exit statuses", () => {
  const program = `
    import { EngineryError, isEngineryError, openHome } from "enginery";
    try {
      openHome("no/such/home");
    } catch (error) {
      console.log(error instanceof EngineryError, isEngineryError(error, "no-home"), error.exitStatus, error.hint !== "");
    }
  `;
  writeFileSync(join(host, "errors.mjs"), program);
  assert.equal(node("errors.mjs").stdout, "true true 7 true\n");
});
