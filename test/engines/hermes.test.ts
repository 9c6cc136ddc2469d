import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { answer, enginery, sound, told } from "./support/command.ts";
import { HERMES_VERSIONS, pathOf, preparedEngines, reasonToSkip } from "./support/engines.ts";
import { folderOf, temporaryFolder } from "./support/folders.ts";
import { Publisher } from "./support/publisher.ts";

const { hermes } = preparedEngines();
const skip = reasonToSkip(...HERMES_VERSIONS.map((version) => hermes[version]));
type HermesVersion = (typeof HERMES_VERSIONS)[number];
const BYTECODE = [60, 62, 71, 74];

describe("four Hermes releases side by side", { skip }, () => {
  const work = temporaryFolder();
  const home = join(work, "home");
  const source = join(work, "sum.js");
  const bytecodeOf = (version: string) => join(work, `sum-${version}.hbc`);
  const epochOf = (version: HermesVersion) => `${HERMES_VERSIONS.indexOf(version) * 100 + 50}`;
  const exec = (version: HermesVersion, ...words: readonly string[]) =>
    enginery(["exec", "hermes", "--epoch", epochOf(version), "--", ...words], { home });

  before(async () => {
    const publisher = new Publisher(work, "hermes");
    const { root } = await publisher.init();
    for (const [position, version] of HERMES_VERSIONS.entries()) {
      // the publisher's own archive, kept as it is
      const tree = folderOf(work, `tree-${version}`, { hermes: pathOf(hermes[version]) });
      const archive = join(work, `hermes-${version}.tar.gz`);
      assert.equal(spawnSync("tar", ["-C", tree, "-czf", archive, "hermes"]).status, 0);
      await publisher.add({
        engine: "hermes",
        version,
        from: { archive },
        entry: "hermes",
        probe: ["--version", "Hermes JavaScript"],
      });
      await publisher.deploy("hermes", version, position * 100);
    }
    await publisher.sign("--epoch", "0");
    const { installed } = await answer<{ installed: unknown[] }>(
      ["install", "--from", publisher.repository, "--channel", "hermes", "--root", root.path],
      { home },
    );
    assert.equal(installed.length, HERMES_VERSIONS.length);
    writeFileSync(source, 'print("40 + 2 = " + [40, 2].reduce(function (a, b) { return a + b; }));\n');
  });

  for (const [position, version] of HERMES_VERSIONS.entries()) {
    it(`${version} compiles to bytecode version ${BYTECODE[position]}`, async () => {
      const compiled = await exec(version, "-emit-binary", "-out", bytecodeOf(version), source);
      assert.equal(compiled.status, 0, told(compiled));
      assert.equal(readFileSync(bytecodeOf(version)).readUInt32LE(8), BYTECODE[position]);
    });
  }

  for (const [position, version] of HERMES_VERSIONS.entries()) {
    it(`${version} runs its own bytecode and refuses the others'`, async () => {
      for (const [other, written] of HERMES_VERSIONS.entries()) {
        const ran = await exec(version, bytecodeOf(written));
        if (other === position) {
          assert.deepEqual([ran.status, ran.stdout.trim()], [0, "40 + 2 = 42"], told(ran));
        } else {
          const refusal = `Wrong bytecode version. Expected ${BYTECODE[position]} but got ${BYTECODE[other]}`;
          assert.notEqual(ran.status, 0, told(ran));
          assert.ok((ran.stdout + ran.stderr).includes(refusal), told(ran));
          assert.doesNotMatch(ran.stderr, /^enginery: error/m, "the engine's own failure, not ours");
        }
      }
    });
  }

  it("verifies 190 MB of engines", async () => {
    const { stdout } = await sound(["verify", "--json"], { home });
    assert.ok((JSON.parse(stdout) as { checked: { bytes: number } }).checked.bytes > 190_000_000);
  });
});
