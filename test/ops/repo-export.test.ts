import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { x as extract } from "tar";
import type { Manifest } from "../../src/core/model/manifest.ts";
import { install } from "../../src/ops/install.ts";
import { exportChannel } from "../../src/ops/repo/export.ts";
import { chosenBuilds } from "../../src/ops/repo/export-releases.ts";
import { rotateRoot } from "../../src/ops/repo/rotate-root.ts";
import { withdraw } from "../../src/ops/repo/withdraw.ts";
import { installRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../support/toy-channel.ts";

const ALL = { names: [], platforms: [], offline: true, dryRun: false };

async function published(world: TestWorld): Promise<ToyChannel> {
  const channel = await makeToyChannel(world);
  await channel.release("toy", "1.0.0", { files: { "share/zwölf 12.txt": "a name with a space\n" } });
  await channel.release("toy", "1.1.0");
  await channel.deploy("toy", "1.0.0", 0);
  await channel.deploy("toy", "1.1.0", 100);
  await channel.publish(5);
  return channel;
}

async function unpacked(world: TestWorld, { repository }: ToyChannel, name = "toys.tar.zst"): Promise<string> {
  const to = join(world.folder, name);
  const { folder } = await exportChannel(world, { ...ALL, directory: repository, to });
  const out = join(world.folder, `${name}.out`);
  mkdirSync(out);
  await extract({ file: to, cwd: out, strict: true });
  assert.deepEqual(readdirSync(out), [folder]);
  return join(out, folder);
}

/** `path`: where the script finds its tools. */
function runVerify(folder: string, words: readonly string[] = [], path = process.env["PATH"]) {
  const env = path === undefined ? {} : { PATH: path };
  const ran = spawnSync("/bin/sh", [join(folder, "verify"), ...words], { encoding: "utf8", env });
  return { status: ran.status, said: ran.stdout + ran.stderr };
}

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

test("an export is the releases laid out, a repository to install from with no network, and a check of it all", async () => {
  using world = makeTestWorld();
  const channel = await published(world);
  const folder = await unpacked(world, channel);
  const { platform } = world.host;
  const ran = spawnSync(join(folder, "engines/toy/1.0.0", platform, "toy"), { encoding: "utf8" });
  assert.equal(ran.stdout, "toy 1.0.0\n");
  assert.deepEqual(readdirSync(join(folder, "repository")).sort(), [
    "archives",
    "manifests",
    "metadata",
    "pieces",
    "targets",
    "trees",
  ]);
  const sound = runVerify(folder, ["--root-sha256", channel.rootSha256]);
  assert.equal(sound.status, 0, sound.said);
  assert.match(sound.said, /toys, 2 releases, \d+ files: every hash is right/);
  if (hasOpenssl) assert.match(sound.said, /Signatures: all that the root/);

  const result = await install(world, {
    ...installRequest(world, { ...channel, repository: join(folder, "repository") }),
    offline: true,
  });
  assert.deepEqual(
    result.installed.map(({ engine, version }) => `${engine}@${version}`),
    ["toy@1.0.0", "toy@1.1.0"],
  );
});

test("from a place that cannot be written to, the check says the same", async (t) => {
  if (process.getuid?.() === 0 && spawnSync("setpriv", ["--version"]).status !== 0)
    return t.skip("root may write anywhere");
  using world = makeTestWorld();
  const folder = await unpacked(world, await published(world));
  chmodSync(world.folder, 0o755);
  spawnSync("chmod", ["-R", "a-w", folder]);
  const words = ["/bin/sh", join(folder, "verify")];
  const asNobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", ...words];
  const [command = "", ...rest] = process.getuid?.() === 0 ? asNobody : words;
  const ran = spawnSync(command, rest, { encoding: "utf8", cwd: "/" });
  spawnSync("chmod", ["-R", "u+w", folder]);
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
});

test("same repository, same bytes, in both formats; both hold the same", async () => {
  using world = makeTestWorld();
  const channel = await published(world);
  for (const format of ["tar.zst", "tar.gz"]) {
    const [one, other] = ["one", "other"].map((name) => join(world.folder, `${name}.${format}`));
    for (const to of [one, other]) await exportChannel(world, { ...ALL, directory: channel.repository, to: to ?? "" });
    assert.deepEqual(readFileSync(one ?? ""), readFileSync(other ?? ""));
  }
  const [zst, gz] = [await unpacked(world, channel, "a.tar.zst"), await unpacked(world, channel, "a.tar.gz")];
  assert.equal(spawnSync("diff", ["-r", zst, gz]).status, 0);
  assert.equal(readFileSync(join(world.folder, "one.tar.gz"))[9], 255, "made on no system");
});

test("what a client would refuse is not written, and nothing is left beside it", async () => {
  using world = makeTestWorld();
  const channel = await published(world);
  const to = join(world.folder, "out", "toys.tar.zst");
  mkdirSync(join(world.folder, "out"));
  const request = { ...ALL, directory: channel.repository, to };
  const refused = async (code: string, over: object = {}): Promise<void> => {
    await assert.rejects(exportChannel(world, { ...request, ...over }), { code });
    assert.deepEqual(readdirSync(join(world.folder, "out")), []);
  };
  await refused("usage", { to: join(world.folder, "out", "toys.zip") });
  await refused("unknown-engine", { names: [{ engine: "other" }] });
  await refused("unknown-version", { names: [{ engine: "toy", version: "7.0.0" }] });
  await refused("platform-missing", { platforms: ["plan9-mips"] });
  await refused("unknown-channel", { channel: "other" });
  world.time += 40 * 86_400_000;
  await refused("trust-expired");
  world.time -= 40 * 86_400_000;
  const [archive = ""] = readdirSync(join(channel.repository, "archives"));
  const path = join(channel.repository, "archives", archive);
  const sound = readFileSync(path);
  writeFileSync(path, Buffer.concat([sound, Buffer.from("x")]));
  await refused("hash-mismatch");
  rmSync(path);
  await refused("missing");
  writeFileSync(path, sound);
  assert.equal((await exportChannel(world, { ...request, dryRun: true })).file, null);
  assert.deepEqual(readdirSync(join(world.folder, "out")), []);
});

test("what was withdrawn is left out, and refused by its name", async () => {
  using world = makeTestWorld();
  const channel = await published(world);
  const { repository: directory } = channel;
  await withdraw(world, { directory, engine: "toy", version: "1.1.0", reason: "it forgets", dryRun: false });
  await channel.publish(5);
  const request = { ...ALL, directory, to: join(world.folder, "toys.tar.gz") };
  const result = await exportChannel(world, request);
  assert.deepEqual(result.left, [{ engine: "toy", version: "1.1.0", reason: "it forgets" }]);
  assert.deepEqual(
    result.releases.map(({ version }) => version),
    ["1.0.0"],
  );
  await assert.rejects(exportChannel(world, { ...request, names: [{ engine: "toy", version: "1.1.0" }] }), {
    code: "release-withdrawn",
  });
});

test("for one platform what is for any is taken too", () => {
  const platforms = { any: {}, "linux-x64": {}, "darwin-arm64": {} };
  const manifest = { engines: { toy: { releases: { "1.0.0": { platforms } } } } } as unknown as Manifest;
  const taken = (...asked: readonly string[]) =>
    chosenBuilds(manifest, { names: [], platforms: asked }).builds.map(({ platform }) => platform);
  assert.deepEqual([taken("linux-x64"), taken("win32-x64")], [["any", "linux-x64"], ["any"]]);
});

test("no export is written into a home, into the repository, or over a folder", async () => {
  using world = makeTestWorld();
  const channel = await published(world);
  const request = installRequest(world, channel);
  await install(world, request);
  const into = { ...ALL, directory: channel.repository };
  await assert.rejects(exportChannel(world, { ...into, to: join(request.home, "cache", "a.tar.gz") }), {
    code: "refused",
  });
  const served = join(channel.repository, "archives", "a.tar.gz");
  await assert.rejects(exportChannel(world, { ...into, to: served }), { code: "refused" });
  assert.equal(existsSync(served), false);
  mkdirSync(join(world.folder, "b.tar.gz"));
  await assert.rejects(exportChannel(world, { ...into, to: join(world.folder, "b.tar.gz") }), { code: "refused" });
});

test("the check finds what is changed, gone, added, swapped or no plain file", async () => {
  using world = makeTestWorld();
  const channel = await published(world);
  await channel.release("toy", "1.2.0");
  await channel.deploy("toy", "1.2.0", 200);
  await channel.publish(6);
  const sound = await unpacked(world, channel);
  const engine = `engines/toy/1.0.0/${world.host.platform}`;
  const first = (folder: string, place: string): string =>
    join(folder, place, readdirSync(join(folder, place))[0] ?? "");
  const added = (folder: string, ending: string): void => {
    const sha256 = createHash("sha256").update("planted").digest("hex");
    writeFileSync(join(folder, `${sha256}${ending}`), "planted");
  };
  const damages: Readonly<Record<string, (folder: string) => void>> = {
    "a byte of an engine": (folder) => appendFileSync(join(folder, engine, "toy"), "#"),
    "a file that is gone": (folder) => rmSync(join(folder, engine, "share/notes.txt")),
    "a file too many": (folder) => writeFileSync(join(folder, engine, "share/more"), ""),
    "a hidden file too many": (folder) => writeFileSync(join(folder, engine, ".more"), ""),
    "a file of no release": (folder) => writeFileSync(join(folder, "engines/toy/more"), ""),
    "a file at the top": (folder) => writeFileSync(join(folder, "setup.exe"), ""),
    "a link in place of a file": (folder) => {
      renameSync(join(folder, engine, "toy"), join(folder, "..", "kept"));
      symlinkSync(join(folder, "..", "kept"), join(folder, engine, "toy"));
    },
    "one release under another's name": (folder) => {
      renameSync(join(folder, "engines/toy/1.0.0"), join(folder, "engines/toy/x"));
      renameSync(join(folder, "engines/toy/1.1.0"), join(folder, "engines/toy/1.0.0"));
      renameSync(join(folder, "engines/toy/x"), join(folder, "engines/toy/1.1.0"));
    },
    "a release that was never published": (folder) =>
      cpSync(join(folder, "engines/toy/1.0.0"), join(folder, "engines/toy/9.0.0"), { recursive: true }),
    "a list of files": (folder) => appendFileSync(first(folder, "trees"), " "),
    "a list that is gone": (folder) => rmSync(join(folder, "trees"), { recursive: true }),
    "an archive": (folder) => appendFileSync(first(folder, "repository/archives"), "#"),
    "an archive that is gone": (folder) => rmSync(first(folder, "repository/archives")),
    "the manifest": (folder) => appendFileSync(first(folder, "repository/targets/channels"), " "),
    "no manifest": (folder) => rmSync(first(folder, "repository/targets/channels")),
    "the snapshot": (folder) => appendFileSync(join(folder, "repository/metadata/2.snapshot.json"), " "),
    "an archive that no release has": (folder) => added(join(folder, "repository/archives"), ".tar.zst"),
    "a list that no release has": (folder) => added(join(folder, "trees"), ".json"),
    "a manifest that was never published": (folder) => added(join(folder, "repository/manifests"), ".json"),
    "a manifest before it that is gone": (folder) => {
      const [name = ""] = readdirSync(join(folder, "repository/manifests")).filter(
        (each) =>
          !readdirSync(join(folder, "repository/targets/channels")).some((one) => one.startsWith(each.slice(0, 64))),
      );
      rmSync(join(folder, "repository/manifests", name));
    },
    "metadata that nothing names": (folder) => writeFileSync(join(folder, "repository/metadata/9.snapshot.json"), "{}"),
    "a file beside the manifest": (folder) => writeFileSync(join(folder, "repository/targets/setup.sh"), ""),
    "a release in a hidden folder": (folder) =>
      cpSync(join(folder, "engines/toy/1.0.0"), join(folder, "engines/.toy/1.0.0"), { recursive: true }),
    "a file in a hidden version": (folder) => {
      mkdirSync(join(folder, "engines/toy/.1.0.0/any"), { recursive: true });
      writeFileSync(join(folder, "engines/toy/.1.0.0/any/toy"), "");
    },
    "a name that is lines of names": (folder) => {
      mkdirSync(join(folder, "README.txt\n."));
      writeFileSync(join(folder, "README.txt\n./verify"), "");
    },
    "a name that would speak to a terminal": (folder) => writeFileSync(join(folder, "a\u001b[2Jb\u202e"), ""),
    "no root": (folder) => rmSync(join(folder, "repository/metadata/1.root.json")),
  };
  for (const [what, damage] of Object.entries(damages)) {
    const folder = join(world.folder, "spoilt", "toys-2");
    cpSync(sound, folder, { recursive: true });
    damage(folder);
    const { status, said } = runVerify(folder);
    assert.deepEqual([status, /PROBLEM: /.test(said)], [1, true], `${what}: ${said}`);
    assert.doesNotMatch(said, /[^\n -~]/, what);
    rmSync(join(world.folder, "spoilt"), { recursive: true });
  }
  assert.equal(runVerify(sound).status, 0);
});

test("the check believes signatures alone, as many as the root asks for", {
  skip: !hasOpenssl && "no openssl here",
}, async () => {
  using world = makeTestWorld();
  const channel = await published(world);
  await rotateRoot(world, { directory: channel.repository, newKeys: 1, keysDir: channel.keysDir, dryRun: false });
  await channel.publish(5);
  const sound = await unpacked(world, channel);
  assert.ok(existsSync(join(sound, "repository/metadata/2.root.json")));
  const begun = runVerify(sound, ["--root-sha256", channel.rootSha256]);
  assert.equal(begun.status, 0, begun.said);
  assert.equal(runVerify(sound, ["--root-sha256", "0".repeat(64)]).status, 1, "the root of somebody else");
  assert.equal(runVerify(sound, ["--root-sha256", "0"]).status, 2);
  const planted = JSON.stringify({
    keys: { aa: { keyval: { public: "0".repeat(64) } } },
    roles: { timestamp: { keyids: ["aa"] } },
  });
  const documents = readdirSync(join(sound, "repository/metadata"));
  assert.deepEqual(documents.length, 5);
  for (const name of documents) {
    const path = join(sound, "repository/metadata", name);
    const text = readFileSync(path, "utf8");
    const spoilt: readonly [string, string][] = [
      ["a later expiry", text.replace(/"expires": "20(\d\d)/, (_, year) => `"expires": "20${Number(year) + 1}`)],
      ["another signature", text.replace(/"sig": "(.)/g, (_, digit) => `"sig": "${digit === "0" ? "1" : "0"}`)],
      ["what nobody signed beside what is signed", text.replace("{", `{"signed":${planted},`)],
      ["what nobody signed under a name of its own", text.replace("{", `{"x":${planted},`)],
      ["no signature", text.replace(/"signatures": \[[^\]]*\]/, '"signatures": []')],
    ];
    for (const [what, changed] of spoilt) {
      assert.notEqual(changed, text);
      writeFileSync(path, changed);
      const { status, said } = runVerify(sound);
      // what a pointer names by its hash is refused for that already
      assert.deepEqual(
        [status, /valid signatures|is not what|more than was signed/.test(said)],
        [1, true],
        `${name}, ${what}: ${said}`,
      );
    }
    writeFileSync(path, text);
  }
  assert.equal(runVerify(sound).status, 0);
});

test("where nothing knows ed25519 the check says that signatures were not checked", async () => {
  using world = makeTestWorld();
  const folder = await unpacked(world, await published(world));
  const tools = join(world.folder, "tools");
  mkdirSync(tools);
  const needed = "awk cat cut date dirname find grep head mktemp rm sed sha256sum sort comm tr wc".split(" ");
  for (const tool of needed) {
    const found = spawnSync("/bin/sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).stdout.trim();
    symlinkSync(found, join(tools, tool));
  }
  const ran = runVerify(folder, [], tools);
  assert.deepEqual([ran.status, /SIGNATURES WERE NOT CHECKED/.test(ran.said)], [0, true], ran.said);
  assert.equal(runVerify(folder, ["--require-signatures"], tools).status, 1);
  writeFileSync(join(tools, "openssl"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  assert.match(
    runVerify(folder, [], tools).said,
    /SIGNATURES WERE NOT CHECKED/,
    "one that finds everything good is none",
  );
});
