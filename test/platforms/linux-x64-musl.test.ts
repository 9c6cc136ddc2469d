import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { jsonOf, type Ran, sound, told } from "../engines/support/command.ts";
import { must } from "../engines/support/prepare.ts";
import { Publisher } from "../engines/support/publisher.ts";
import { folderIn, start } from "./support/place.ts";
import { linuxMusl, MUSL_NODE, type OpenPlace } from "./support/places.ts";
import { MUSL_HOST, MUSL_LIBRARY } from "./support/prepare-musl.ts";
import { whyNot } from "./support/prepared.ts";

/** PyPI's Node for musl is older than the floor: asks the command past the look at Node's version, on purpose. */
const PAST_THE_FLOOR = `require("../dist/command/load.cjs").load("start")["src/main.ts"]();\n`;

describe("linux-x64-musl: in a root with musl and busybox", { skip: whyNot("linux-x64-musl") }, () => {
  let place: OpenPlace;
  let folder: string;
  let home: string;
  const run = (words: readonly string[], env = {}): Promise<Ran> => start(place, words, env).done;
  const ask = (args: readonly string[]) => run([...place.enginery, "--home", place.inside(home), ...args]);

  before(async () => {
    place = await linuxMusl();
    folder = folderIn(place, "case");
    home = join(folder, "home");
    writeFileSync(join(place.work, "..", "enginery", "bin", "past-the-floor.cjs"), PAST_THE_FLOOR);
    const publisher = new Publisher(folder, "net");
    const { root } = await publisher.init();
    const tree = join(folder, "tree");
    mkdirSync(join(tree, "lib"), { recursive: true });
    cpSync(join(place.work, "..", MUSL_LIBRARY), join(tree, "lib", "libwasmtime.so"));
    const archive = join(folder, "tree.tar.gz");
    must("tar", ["-C", tree, "-I", "gzip -1", "-cf", archive, "lib"], folder);
    // the same files for both: which of the two is taken is what the case asks
    for (const [engine, platform] of [
      ["wasmtime", "linux-x64-musl"],
      ["glibc-only", "linux-x64"],
    ] as const) {
      const words = ["--platform", platform, "--archive", archive, "--entry", `${engine}=lib/libwasmtime.so:library`];
      await sound(["repo", "add", publisher.repository, `${engine}@50.0.1`, ...words]);
      await publisher.deploy(engine, "50.0.1", 0);
    }
    await publisher.sign();
    cpSync(root.path, join(folder, "root.json"));
  });
  after(() => place?.[Symbol.dispose]());

  it("linux-x64-musl: bin/enginery, under busybox's sh, refuses a Node below the floor and says which it wants", async () => {
    const ran = await run(["/enginery/bin/enginery", "list"], { ENGINERY_NODE: MUSL_NODE });
    assert.equal(ran.status, 7, told(ran));
    assert.match(ran.stderr, /node-too-old This is Node 24\.19\.0, and Enginery needs 24\.20 or later/);
  });

  it("linux-x64-musl: the release for musl is installed, and one for glibc alone is not to be had", async () => {
    const repository = place.inside(join(folder, "repository"));
    const from = ["--from", repository, "--channel", "net", "--root", place.inside(join(folder, "root.json"))];
    const ran = await ask(["install", "wasmtime", ...from, "--json"]);
    assert.equal(ran.status, 0, told(ran));
    const { installed } = jsonOf<{ installed: { version: string; platform: string }[] }>(ran);
    assert.deepEqual(
      installed.map(({ version, platform }) => [version, platform]),
      [["50.0.1", "linux-x64-musl"]],
    );
    const other = await ask(["install", "glibc-only"]);
    assert.notEqual(other.status, 0, told(other));
    assert.match(other.stderr, /linux-x64-musl/, told(other));
  });

  it("linux-x64-musl: verify, observe, doctor and status answer as elsewhere, and rollback refuses where there is nothing before", async () => {
    for (const words of [["verify"], ["observe", "5"], ["doctor"], ["status"]]) {
      const ran = await ask(words);
      assert.equal(ran.status, 0, told(ran));
    }
    const back = await ask(["rollback"]);
    assert.equal(back.status, 2, told(back));
  });

  it("linux-x64-musl: a C host, built with musl, finds the library, leases and loads it", async () => {
    const ran = await run([
      `/${MUSL_HOST}`,
      "--home",
      place.inside(home),
      "--ask",
      "wasmtime",
      "--epoch",
      "5",
      "wasmtime",
    ]);
    assert.equal(ran.status, 0, told(ran));
    assert.match(ran.stdout, /^wasmtime\t50\.0\.1\t/, told(ran));
  });
});
