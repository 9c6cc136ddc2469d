import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { answer, enginery, jsonOf, type Ran, sound, told } from "../engines/support/command.ts";
import { contentOf, temporaryFolder } from "../engines/support/folders.ts";
import { NEEDS_COMPILER, PINK, PinkChannel } from "./support/pink-channel.ts";

const ROWS = [
  ["1.0.0", 0],
  ["1.1.0", 100],
  ["1.2.0", 200],
] as const;

describe("H1, H2, H3: a cluster and its library", { skip: NEEDS_COMPILER }, () => {
  const work = temporaryFolder();
  let channel: PinkChannel;
  let home: string;
  const link = (version: string) => join(home, "lib", `libpink.so.${version}`);

  before(async () => {
    channel = await PinkChannel.begin(work);
    await channel.publish(...ROWS);
    home = await channel.install("home", 250);
    await sound(["pin", "cluster-1", "pink@1.1"], { home });
  });

  it("H1: a cluster pinned at 1.1, with 1.0 to 1.2 installed, gets 1.1 by name in one folder that stays", async (t) => {
    t.diagnostic(PINK);
    const names = ROWS.map(([version]) => `libpink.so.${version.replace(/\.0$/, "")}`);
    assert.deepEqual(readdirSync(join(home, "lib")).sort(), names);
    for (const [version] of ROWS) {
      const short = version.replace(/\.0$/, "");
      assert.equal(channel.load(link(short)), `pink ${short}`, "its own report is its name");
    }
    const words = ["which", "pink", "--tenant", "cluster-1"];
    const { version, path, because } = await answer<Which>(words, { home });
    assert.deepEqual([version, because], ["1.1.0", "pin"]);
    assert.equal(realpathSync(link("1.1")), path);
    assert.equal(
      (await answer<Which>(["which", "pink"], { home })).version,
      "1.2.0",
      "without the pin it would not be",
    );
    // the name stays good, whatever else comes
    await channel.add("1.3.0");
    await channel.publisher.deploy("pink", "1.3.0", 300);
    await channel.publisher.sign("--epoch", "250");
    await sound(["upgrade"], { home });
    assert.equal(realpathSync(link("1.1")), path);
    assert.equal(channel.load(link("1.1")), "pink 1.1");
    assert.equal(channel.load(link("1.3")), "pink 1.3");
  });

  it("H1: a file named 1.4 that reports 1.5 is refused, naming both, and gets no name in the folder", async (t) => {
    t.diagnostic(PINK);
    await channel.add("1.4.0", channel.tree("1.5"));
    await channel.publisher.deploy("pink", "1.4.0", 400);
    await channel.publisher.sign("--epoch", "250");
    const refused = await enginery(["upgrade", "--json"], { home });
    assert.equal(refused.status, 3, told(refused));
    const { failed } = jsonOf<{ failed: { version: string; code: string; message: string }[] }>(refused);
    const [first] = failed;
    assert.deepEqual([failed.length, first?.version, first?.code], [1, "1.4.0", "probe-failed"]);
    const message = 'pink@1.4.0: pink-report lib/libpink.so should say 1.4; it said "pink 1.5"';
    assert.equal(first?.message, message);
    assert.ok(!existsSync(link("1.4")));
    assert.ok(!existsSync(join(home, "engines", "pink", "1.4.0")));
  });

  it("H2: a pin to a version that is not installed is refused with the command that mends it; nothing crashes", async (t) => {
    t.diagnostic(PINK);
    // published for those who ask for it by name, and not deployed
    await channel.add("1.9.0");
    await channel.publisher.sign("--epoch", "250");
    await enginery(["upgrade"], { home });
    const refused = await enginery(["pin", "cluster-1", "pink@1.9", "--json"], { home });
    assert.deepEqual([refused.status, codeOf(refused)], [3, "pin-not-installed"], told(refused));
    const { error } = jsonOf<{ error: { hint: string } }>(refused);
    assert.match(error.hint, /enginery install pink@1\.9\.0/);
    const unknown = await enginery(["pin", "cluster-1", "pink@7.7", "--json"], { home });
    assert.deepEqual([unknown.status, codeOf(unknown)], [2, "unknown-version"], told(unknown));
    assert.equal(await pinned(), "1.1.0", "as it was");
    assert.equal(channel.load(link("1.1")), "pink 1.1");
    const missing = await enginery(["which", "pink@1.9"], { home });
    assert.equal(missing.status, 8, told(missing));
    const [, ...command] = /`?enginery ([^`.]+(?:\.\d+)*)/.exec(error.hint)?.[1]?.split(" ") ?? [];
    await sound(["install", ...command], { home });
    await sound(["pin", "cluster-2", "pink@1.9"], { home });
    assert.equal(channel.load(link("1.9")), "pink 1.9");
  });

  it("H3: a pin to the same or to an older version says that nothing changed", async (t) => {
    t.diagnostic(PINK);
    for (const version of ["1.1", "1.0"]) {
      const before = contentOf(join(home, "pins"));
      const ran = await sound(["pin", "cluster-1", `pink@${version}`], { home });
      assert.match(ran.stdout + ran.stderr, /nothing (?:has )?changed|stays/i, told(ran));
      const { changed } = await answer<{ changed: number }>(["pin", "cluster-1", `pink@${version}`], { home });
      assert.equal(changed, 0);
      assert.deepEqual(contentOf(join(home, "pins")), before);
      assert.equal(await pinned(), "1.1.0");
    }
    const { changed } = await answer<{ changed: number }>(["pin", "cluster-1", "pink@1.2"], { home });
    assert.deepEqual([changed, await pinned()], [1, "1.2.0"], "a later one is an upgrade");
  });

  async function pinned(): Promise<string> {
    return (await answer<Which>(["which", "pink", "--tenant", "cluster-1"], { home })).version;
  }
});

describe("H4: the same version with other bytes", { skip: NEEDS_COMPILER }, () => {
  const work = temporaryFolder();
  let channel: PinkChannel;
  let home: string;
  let original: Buffer;

  before(async () => {
    channel = await PinkChannel.begin(work);
    await channel.publish(...ROWS);
    home = await channel.install("home", 250);
    original = readFileSync(join(home, "lib", "libpink.so.1.0"));
  });

  const unchanged = () => assert.deepEqual(readFileSync(join(home, "lib", "libpink.so.1.0")), original);

  it("H4: the publisher's own commands refuse it: release-changed", async (t) => {
    t.diagnostic(PINK);
    const refused = await channel.add("1.0.0", channel.tree("1.0", "another build"));
    assert.deepEqual([refused.status, codeOf(refused)], [3, "release-changed"], told(refused));
  });

  it("H4: taken off the channel and published anew under its name, it is a conflict where the first is installed, and nothing is overwritten", async (t) => {
    t.diagnostic(PINK);
    const { repository } = channel.publisher;
    await sound(["repo", "retire", repository, "pink@1.0.0", "--epoch", "250"]);
    await channel.publisher.sign("--epoch", "250");
    await sound(["upgrade", "--no-prune"], { home });
    const added = await channel.add("1.0.0", channel.tree("1.0", "another build"));
    assert.equal(added.status, 0, told(added));
    await channel.publisher.sign("--epoch", "251");
    const asked = await enginery(["install", "pink@1.0", "--json"], { home });
    assert.deepEqual([asked.status, codeOf(asked)], [3, "release-conflict"], told(asked));
    unchanged();
    await sound(["verify", "--repair"], { home });
    unchanged();
    // one that never had the first takes the second, and both say that they are 1.0
    const other = await channel.install("other", 250);
    await sound(["install", "pink@1.0"], { home: other });
    assert.notDeepEqual(readFileSync(join(other, "lib", "libpink.so.1.0")), original);
    assert.equal(channel.load(join(other, "lib", "libpink.so.1.0")), "pink 1.0");
  });

  it("H4: two releases that would have one name in the folder are a conflict, too", async (t) => {
    t.diagnostic(PINK);
    const refused = await channel.add("1.1.1", channel.tree("1.1"));
    assert.deepEqual([refused.status, codeOf(refused)], [3, "library-name-conflict"], told(refused));
  });
});

interface Which {
  readonly version: string;
  readonly path: string;
  readonly because: string;
}

function codeOf(ran: Ran): string | undefined {
  return jsonOf<{ error?: { code: string } }>(ran).error?.code;
}
