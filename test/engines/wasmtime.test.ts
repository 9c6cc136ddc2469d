import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { demoModule } from "../../scripts/demo-module.ts";
import { answer, CHECKOUT, enginery, sound, told } from "./support/command.ts";
import { preparedEngines, reasonToSkip } from "./support/engines.ts";
import { contentOf, temporaryFolder } from "./support/folders.ts";

const MODULE = join(CHECKOUT, "templates", "demo", "sum.wasm");
const DEMO = join(CHECKOUT, "manifests", "demo");

it("the module is the one that its script makes", () => {
  assert.deepEqual(new Uint8Array(readFileSync(MODULE)), demoModule());
});

describe("the demo channel: three Wasmtimes that npm carries", { skip: reasonToSkip(preparedEngines().npm) }, () => {
  const home = join(temporaryFolder(), "home");
  const run = (epoch: number) =>
    enginery(["exec", "wasmtime", "--epoch", `${epoch}`, "--", "--allow-wasi", "-o", "/dev/null", MODULE], { home });

  before(async () => {
    const { installed, failed } = await answer<{ installed: { version: string }[]; failed: unknown[] }>(
      ["install", "--from", DEMO, "--channel", "demo", "--root", join(DEMO, "root.json")],
      { home },
    );
    assert.deepEqual(failed, []);
    assert.deepEqual(installed.map(({ version }) => version).sort(), ["23.0.2", "36.0.2", "9.0.1"]);
  });

  it("runs each in its epochs, with results of their own", async () => {
    const nine = await run(99);
    assert.equal(nine.status, 1, told(nine));
    assert.match(nine.stderr, /constant expression required: non-constant operator \(/);
    const twentyThree = await run(100);
    assert.equal(twentyThree.status, 1, told(twentyThree));
    assert.match(twentyThree.stderr, /constant expression required: non-constant operator: i32\.add \(/);
    const thirtySix = await run(200);
    assert.deepEqual([thirtySix.status, thirtySix.stdout], [0, "40 + 2 = 42\n"], told(thirtySix));
  });

  it("is whole, and a second install changes nothing", async () => {
    await sound(["verify"], { home });
    const before = contentOf(home);
    const again = await answer<{ installed: unknown[]; downloadedBytes: number }>(["install"], { home });
    assert.deepEqual([again.installed, again.downloadedBytes], [[], 0]);
    assert.deepEqual(contentOf(home), before);
  });

  it("upgrades to nothing without the network: the repository is a folder", async () => {
    const { from, to } = await answer<{ from: number; to: number }>(["upgrade", "--offline"], { home });
    assert.equal(from, to);
  });
});
