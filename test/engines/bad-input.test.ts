import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { enginery, jsonOf, type RunOptions, told } from "./support/command.ts";
import { contentOf } from "./support/folders.ts";
import { flipBit, keyFiles, readMetadata, resigned, writeMetadata } from "./support/forge.ts";
import type { Begun } from "./support/publisher.ts";
import { Toy } from "./support/toy.ts";

const isRoot = process.getuid?.() === 0;
/** Root may write where the mode says no; without these two capabilities it may not either. */
const CAPABILITIES = "-dac_override,-dac_read_search";
const WITHOUT_ROOTS_WAY = ["setpriv", `--bounding-set=${CAPABILITIES}`, `--inh-caps=${CAPABILITIES}`];

/** Docs: CLI.md, exit codes. Every row: this command on this home exits so, says so, and the home is byte for byte as before. */
describe("bad input", () => {
  let toy: Toy;
  let begun: Begun;
  let home: string;

  before(async () => {
    toy = await Toy.start();
    begun = await toy.publisher.init();
    await toy.publish("1.0.0", 100);
    await toy.publisher.sign("--epoch", "0");
    home = await toy.install(begun.root.path);
  });
  after(async () => await toy.stop());

  async function refused(
    words: readonly string[],
    status: number,
    code: string,
    options: RunOptions & { readonly home: string },
  ): Promise<void> {
    const before = lasting(options.home);
    const ran = await enginery([...words, "--json"], options);
    assert.equal(ran.status, status, told(ran));
    const { error } = jsonOf<{ error: { code: string; message: string; hint: string } }>(ran);
    assert.equal(error.code, code, told(ran));
    assert.ok(error.message.length > 0 && error.hint.length > 0, told(ran));
    assert.deepEqual(lasting(options.home), before, "the home is byte for byte as before");
  }

  const ofHome: readonly [what: string, words: readonly string[], status: number, code: string][] = [
    ["an unknown engine", ["which", "wasmtime", "--epoch", "150"], 2, "unknown-engine"],
    ["an unknown engine to install", ["install", "wasmtime"], 2, "unknown-engine"],
    ["an unknown version", ["install", "toy@9.9.9"], 2, "unknown-version"],
    ["an unknown version to run", ["exec", "toy@9.9.9"], 122, "unknown-version"],
    ["a version that is a range", ["install", "toy@^1.0.0"], 2, "bad-version"],
    ["an epoch before the first deployment", ["which", "toy", "--epoch", "99"], 8, "nothing-in-effect"],
    ["the same, to run", ["exec", "toy", "--epoch", "99"], 128, "nothing-in-effect"],
    ["a negative epoch", ["which", "toy", "--epoch=-1"], 2, "bad-epoch"],
    ["a fractional epoch", ["which", "toy", "--epoch", "1.5"], 2, "bad-epoch"],
    ["an epoch below the one seen", ["observe", "49"], 3, "observation-lower"],
    ["an unknown verb", ["instal"], 2, "usage"],
    ["an unknown flag", ["install", "--frm", "x"], 2, "usage"],
    ["a generation that never was", ["rollback", "--to", "99"], 2, "unknown-generation"],
    ["a pin to what is not there", ["pin", "tenant", "toy@9.9.9"], 2, "unknown-version"],
    ["prune without a yes", ["prune"], 2, "confirmation-required"],
    ["another channel for this home", ["install", "--from", "/", "--channel", "other"], 3, "home-exists"],
  ];
  for (const [what, words, status, code] of ofHome) {
    it(what, async () => {
      // what goes to the engine's own process has no JSON of ours
      if (words[0] !== "exec") return await refused(words, status, code, { home });
      const before = lasting(home);
      const ran = await enginery(words, { home });
      assert.equal(ran.status, status, told(ran));
      assert.match(ran.stderr, new RegExp(`^enginery: error ${code}\\b`, "m"));
      assert.deepEqual(lasting(home), before);
    });
  }

  const first = (...words: readonly string[]) => ["install", "--from", toy.server.url, "--channel", "toys", ...words];
  const empty = (name: string) => {
    const folder = join(toy.work, name);
    mkdirSync(folder);
    return folder;
  };

  it("an unknown channel", async () => {
    const words = ["install", "--from", toy.server.url, "--channel", "gone", "--root", begun.root.path];
    await refused(words, 2, "unknown-channel", { home: empty("unknown-channel") });
  });
  it("no trusted root", async () => await refused(first(), 2, "root-required", { home: empty("no-root") }));
  it("a root file that is not there", async () =>
    await refused(first("--root", join(toy.work, "gone.json")), 7, "missing", { home: empty("root-gone") }));
  it("a wrong fingerprint", async () =>
    await refused(first("--root-sha256", "cd".repeat(32)), 4, "trust-root", { home: empty("fingerprint") }));
  it("a repository that is not one", async () => {
    const words = ["install", "--from", empty("not-a-repository"), "--channel", "toys", "--root", begun.root.path];
    await refused(words, 7, "missing", { home: empty("no-repository") });
  });
  it("plain http to another host", async () => {
    const words = ["install", "--from", "http://example.org/", "--channel", "toys", "--root", begun.root.path];
    await refused(words, 3, "source-refused", { home: empty("plain-http") });
  });
  it("no network at first", async () => {
    const words = ["install", "--from", "http://127.0.0.1:9", "--channel", "toys", "--root", begun.root.path];
    await refused(words, 7, "network", { home: empty("no-network") });
  });
  it("no network later", { skip: canUnshare() ? false : "no network namespaces here" }, async () => {
    await refused(["upgrade"], 7, "network", { home, through: ["unshare", "-n"] });
    await refused(["check"], 7, "network", { home, through: ["unshare", "-n"] });
  });
  it("--offline where the network is needed", async () =>
    await refused(["upgrade", "--offline"], 7, "offline", { home }));

  it("expired metadata", async () => {
    const expired = toy.copy();
    const timestamp = readMetadata(expired, "timestamp.json");
    const changed = resigned(timestamp, keyFiles(toy.publisher.keys), (signed) => {
      signed["expires"] = "2020-01-01T00:00:00Z";
    });
    writeMetadata(expired, "timestamp.json", changed);
    toy.serve(expired);
    await refused(first("--root", begun.root.path), 4, "trust-expired", { home: empty("expired") });
    toy.serve(toy.publisher.repository);
  });
  it("metadata that was tampered with", async () => {
    const tampered = toy.copy();
    const timestamp = readMetadata(tampered, "timestamp.json");
    timestamp.signed.version += 1;
    writeMetadata(tampered, "timestamp.json", timestamp);
    toy.serve(tampered);
    await refused(first("--root", begun.root.path), 4, "trust-signature", { home: empty("tampered") });
    toy.serve(toy.publisher.repository);
  });
  it("an archive of another hash", async () => {
    const forged = toy.copy();
    flipBit(join(forged, "archives"), /\.tar\.zst$/);
    toy.serve(forged);
    const untouched = join(toy.work, "wrong-hash");
    const ran = await enginery([...first("--root", begun.root.path), "--json"], { home: untouched });
    assert.equal(ran.status, 5, told(ran));
    assert.equal(jsonOf<{ error: { code: string } }>(ran).error.code, "hash-mismatch");
    toy.serve(toy.publisher.repository);
    const mended = await enginery(first("--root", begun.root.path), { home: untouched });
    assert.equal(mended.status, 0, `the next command works: ${told(mended)}`);
  });

  it("an unknown key in config.json", async () => {
    const copy = toy.copy(home);
    const config = join(copy, "config.json");
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, "utf8")), keepForever: true }));
    await refused(["status"], 2, "config-invalid", { home: copy });
    await refused(["upgrade"], 2, "config-invalid", { home: copy });
  });
  it("a home of a newer layout", async () => {
    const copy = toy.copy(home);
    chmodSync(join(copy, "VERSION"), 0o644);
    writeFileSync(join(copy, "VERSION"), "99\n");
    for (const verb of [["status"], ["upgrade"], ["verify"], ["prune", "--yes"]])
      await refused(verb, 3, "home-newer", { home: copy });
  });
  it("a folder that is no home", async () => {
    const folder = empty("somebody's");
    writeFileSync(join(folder, "thesis.txt"), "years of work");
    await refused(first("--root", begun.root.path), 3, "not-a-home", { home: folder });
    await refused(["status"], 3, "not-a-home", { home: folder });
  });
  it("no home at all", async () => await refused(["status"], 7, "no-home", { home: empty("nothing-here") }));

  it("no permission", async () => {
    const copy = toy.copy(home);
    spawnSync("chmod", ["-R", "a-w", copy]);
    const barred = { home: copy, ...(isRoot ? { through: WITHOUT_ROOTS_WAY } : {}) };
    await refused(["observe", "70"], 7, "permission", barred);
    await refused(["pin", "tenant", "toy@1.0.0"], 7, "permission", barred);
    const looked = await enginery(["which", "toy", "--epoch", "150"], barred);
    assert.equal(looked.status, 0, told(looked));
    const ran = await enginery(["exec", "toy", "--epoch", "150"], barred);
    assert.equal(ran.status, 127, `without a lease nothing runs: ${told(ran)}`);
    spawnSync("chmod", ["-R", "u+w", copy]);
  });

  it("a disk too small, and a disk that fills up", {
    skip: isRoot ? false : "needs to be root, to mount",
  }, async (t) => {
    const small = empty("small");
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]).status !== 0)
      return t.skip("no mounts here");
    t.after(() => spawnSync("umount", [small]));
    const inner = join(small, "home");
    mkdirSync(inner);
    await refused(first("--root", begun.root.path), 7, "disk-space", { home: inner });
    spawnSync("umount", [small]);
    // enough bytes, too few inodes: what the free-space check cannot promise
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=1g,nr_inodes=24", "tmpfs", small]);
    const other = join(small, "home");
    const full = await enginery([...first("--root", begun.root.path), "--json"], { home: other });
    assert.equal(full.status, 7, told(full));
    spawnSync("mount", ["-o", "remount,size=1g,nr_inodes=4096", small]);
    const later = await enginery(first("--root", begun.root.path), { home: other });
    assert.equal(later.status, 0, `the next command works: ${told(later)}`);
  });
});

function canUnshare(): boolean {
  return spawnSync("unshare", ["-n", "true"]).status === 0;
}

function lasting(home: string): ReadonlyMap<string, string> {
  return new Map([...contentOf(home)].filter(([path]) => !/^(cache|staging)(\/|$)/.test(path)));
}
