import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { billOfMaterials } from "../../scripts/sbom.ts";
import { carriedPackages } from "../../scripts/supply/carried.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** Of what is downloaded. */
const MOST_BYTES = 1_000_000;
/** Each must be there. */
const NAMED = [
  ...["LICENSE", "README.md", "package.json", "docs/LICENCES.md"],
  ...["bin/enginery", "bin/enginery.cmd", "bin/start.cjs"],
  ...["dist/LICENCES.txt", "dist/index.js", "dist/sbom.cdx.json", "dist/command/build-id", "dist/types/index.d.ts"],
];
/** All else that may be served, by folder: a file elsewhere is a slip. */
const SERVED = [/^dist\/command\/[a-z-]+\.cjs$/, /^dist\/types\/.*\.d\.ts$/, /^templates\/(?!completions\/|demo\/)/];

const folder = mkdtempSync(join(tmpdir(), "enginery-package-"));
const project = join(folder, "project");
const prefix = join(folder, "prefix");
let archive = "";
let served: readonly string[] = [];

before(() => {
  mkdirSync(project);
  for (const name of ["bin", "templates", "docs/LICENCES.md", "LICENSE", "README.md", "package.json"]) {
    cpSync(join(PROJECT, name), join(project, name), { recursive: true });
  }
  // in the order in which npm packs: prepack, then prepare
  ended(node(join(PROJECT, "scripts", "sbom.ts"), join(project, "dist", "sbom.cdx.json")));
  ended(node(join(PROJECT, "scripts", "build.ts"), join(project, "dist")));
  // what an earlier build may have left is not served
  cpSync(join(PROJECT, "LICENSE"), join(project, "dist", "command", "code-cache", "which.start"));
  cpSync(join(PROJECT, "LICENSE"), join(project, "dist", ".compile-cache", "any"));
  const packed = JSON.parse(ended(npm("pack", "--json", "--ignore-scripts", "--pack-destination", folder)).stdout);
  const [told] = Object.values(packed) as { filename: string; files: { path: string }[] }[];
  archive = join(folder, told?.filename ?? "");
  served = told?.files.map(({ path }) => path) ?? [];
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** npm tells of what it was configured with; nothing of ours does. */
function npm(...words: readonly string[]) {
  return spawnSync("npm", words, { cwd: project, encoding: "utf8", timeout: 120_000, killSignal: "SIGKILL" });
}

function node(...words: readonly string[]) {
  return spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8", timeout: 240_000, killSignal: "SIGKILL" });
}

function ended(run: ReturnType<typeof node>) {
  assert.equal(run.status, 0, run.stdout + run.stderr);
  return run;
}

test("it holds what is meant to be served, and nothing else", () => {
  assert.deepEqual(
    served.filter((path) => !NAMED.includes(path) && !SERVED.some((one) => one.test(path))),
    [],
  );
  assert.deepEqual(
    NAMED.filter((path) => !served.includes(path)),
    [],
  );
  for (const one of SERVED)
    assert.ok(
      served.some((path) => one.test(path)),
      String(one),
    );
});

test("it is under one million bytes", () => {
  assert.ok(statSync(archive).size < MOST_BYTES, `${statSync(archive).size} bytes`);
});

test("without a network npm installs it, and it runs with nothing beside it", () => {
  ended(npm("install", "--global", "--prefix", prefix, "--offline", "--omit=optional", archive));
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder };
  const run = (...words: readonly string[]) =>
    spawnSync(join(prefix, "bin", "enginery"), words, {
      encoding: "utf8",
      timeout: 120_000,
      killSignal: "SIGKILL",
      env,
    });
  const { version } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as { version: string };
  assert.equal(ended(run("--version")).stdout, `enginery ${version}\n`);
  assert.match(ended(run("help", "install")).stdout, /enginery install/);
  assert.equal(run("list").status, 7, "there is no home");
  const types = join(prefix, "lib", "node_modules", "enginery", "dist", "types", "index.d.ts");
  assert.match(readFileSync(types, "utf8"), /openHome/);
});

test("the library for hosts carries nothing that fetches, unpacks or asks", () => {
  const library = readFileSync(join(project, "dist", "index.js"), "utf8");
  for (const word of ["undici", "tuf-js", "inquirer", "node:zlib"]) assert.ok(!library.includes(word), word);
});

test("the notices and the bill of materials name every library that is carried, and say where what is served comes from", () => {
  const notices = readFileSync(join(project, "dist", "LICENCES.txt"), "utf8");
  const bill = JSON.parse(readFileSync(join(project, "dist", "sbom.cdx.json"), "utf8")) as {
    readonly bomFormat: string;
    readonly components: readonly { readonly purl: string; readonly hashes?: readonly unknown[] }[];
  };
  assert.equal(bill.bomFormat, "CycloneDX");
  const carried = carriedPackages(PROJECT);
  assert.ok(carried.some(({ name }) => name === "undici"));
  for (const { name, version } of carried) {
    assert.ok(notices.includes(`${name} ${version}`), name);
    const component = bill.components.find(({ purl }) => purl === `pkg:npm/${name.replace("@", "%40")}@${version}`);
    assert.equal(component?.hashes?.length, 1, name);
  }
  assert.equal(bill.components.length, carried.length);
  const told = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
  assert.equal(told.publishConfig.provenance, true);
  assert.equal(told.repository.type, "git");
  assert.equal(told.dependencies, undefined);
});

test("a bill with more parts says of each what it depends on, and nothing of who wrote it", () => {
  const node = { "bom-ref": "node@1.0.0", name: "node", version: "1.0.0" };
  const bill = JSON.parse(billOfMaterials(PROJECT, [node])) as {
    readonly metadata: { readonly component: { readonly "bom-ref": string } };
    readonly components: readonly { readonly "bom-ref": string }[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  };
  assert.deepEqual(Object.keys(bill.metadata).sort(), ["component", "lifecycles"]);
  const own = bill.metadata.component["bom-ref"];
  assert.deepEqual(
    bill.dependencies.map(({ ref }) => ref).sort(),
    [own, ...bill.components.map((each) => each["bom-ref"])].sort(),
  );
  assert.ok(bill.dependencies.find(({ ref }) => ref === own)?.dependsOn.includes("node@1.0.0"));
});
