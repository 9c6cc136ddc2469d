import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { embed } from "../../src/ops/embed.ts";
import { listEmbedded, verifyEmbedded } from "../../src/ops/embedded.ts";
import { extractEmbedded } from "../../src/ops/extract.ts";
import { install } from "../../src/ops/install.ts";
import { buildHostElf, buildHostMachO, buildHostWindows } from "../support/host-builders.ts";
import { homeOf, installRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel } from "../support/toy-channel.ts";

const TWO = [
  { engine: "toy", version: "1.1.0" },
  { engine: "toy", version: "1.0.0" },
];

async function installed(world: TestWorld): Promise<void> {
  const channel = await makeToyChannel(world);
  await channel.release("toy", "1.0.0");
  await channel.release("toy", "1.1.0");
  await channel.deploy("toy", "1.0.0", 0);
  await channel.deploy("toy", "1.1.0", 100);
  await channel.publish(5);
  await install(world, installRequest(world, channel));
}

const requestOf = (world: TestWorld, binary: string, to = `${binary}-engines`) => ({
  home: homeOf(world),
  binary,
  releases: TWO,
  to,
  dryRun: false,
});

function hostIn(world: TestWorld, bytes: Uint8Array, name = "host"): string {
  const path = join(world.folder, name);
  writeFileSync(path, bytes, { mode: 0o755 });
  return path;
}

const HOSTS = {
  elf: buildHostElf({ bits: 64 }),
  pe: buildHostWindows({ wide: true, signed: true }),
  "mach-o": buildHostMachO({ signed: true }),
} as const;

for (const [kind, host] of Object.entries(HOSTS)) {
  test(`${kind}: embedded, listed, verified and laid out again, the host as it was`, async () => {
    using world = makeTestWorld();
    await installed(world);
    const binary = hostIn(world, host);
    const result = await embed(world, requestOf(world, binary));
    assert.deepEqual(readFileSync(binary), host, "the host is not touched");
    assert.equal(statSync(result.path).mode & 0o777, 0o755);
    assert.equal(result.sha256, world.digester.sha256(readFileSync(result.path)));
    assert.equal(result.signatureRemoved, kind !== "elf");
    const listed = await listEmbedded(world, { binary: result.path });
    assert.equal(listed.host, kind);
    assert.deepEqual(
      listed.releases.map(({ version, files, entries }) => [version, files, entries.map(({ name }) => name)]),
      [
        ["1.0.0", 2, ["*", "toy"]],
        ["1.1.0", 2, ["*", "toy"]],
      ],
    );
    const verified = await verifyEmbedded(world, { binary: result.path, home: { home: homeOf(world) } });
    assert.deepEqual([verified.ok, verified.checked.files], [true, 4]);
    assert.deepEqual(
      verified.releases.map(({ promised }) => promised),
      ["same", "same"],
    );
    const to = join(world.folder, "laid", "out");
    mkdirSync(join(world.folder, "laid"));
    const request = { binary: result.path, to, names: [{ engine: "toy", version: "1.1.0" }], dryRun: false };
    assert.equal((await extractEmbedded(world, { ...request, dryRun: true })).dryRun, true);
    assert.equal(existsSync(to), false);
    const [laid] = (await extractEmbedded(world, request)).extracted;
    assert.equal(spawnSync(join(laid?.path ?? "", "toy"), { encoding: "utf8" }).stdout, "toy 1.1.0\n");
    assert.deepEqual(readdirSync(to), ["toy"]);
    assert.equal(statSync(join(to, "toy/1.1.0/share/notes.txt")).mode & 0o777, 0o444);
    await assert.rejects(extractEmbedded(world, request), { code: "refused" });
  });
}

test("same host and releases, same bytes, in whatever order they are named", async () => {
  using world = makeTestWorld();
  await installed(world);
  const binary = hostIn(world, HOSTS.elf);
  const one = await embed(world, requestOf(world, binary, join(world.folder, "one")));
  const other = await embed(world, {
    ...requestOf(world, binary, join(world.folder, "other")),
    releases: TWO.toReversed(),
  });
  assert.equal(one.sha256, other.sha256);
});

test("a release that is named twice is embedded once, and what was written can be read", async () => {
  using world = makeTestWorld();
  await installed(world);
  const binary = hostIn(world, HOSTS.elf);
  const once = await embed(world, requestOf(world, binary, join(world.folder, "once")));
  const twice = await embed(world, {
    ...requestOf(world, binary, join(world.folder, "twice")),
    releases: [...TWO, ...TWO],
  });
  assert.equal(twice.sha256, once.sha256);
  assert.equal((await listEmbedded(world, { binary: twice.path })).releases.length, 2);
});

test("a program of this host runs as before", async (t) => {
  const shell = realpathSync("/bin/sh");
  if (process.platform !== "linux" || readFileSync(shell).toString("latin1", 1, 4) !== "ELF")
    return t.skip("no ELF program here");
  using world = makeTestWorld();
  await installed(world);
  const binary = join(world.folder, "shell");
  copyFileSync(shell, binary);
  chmodSync(binary, 0o755);
  const { path } = await embed(world, requestOf(world, binary));
  for (const each of [binary, path]) {
    assert.equal(spawnSync(each, ["-c", "echo it runs"], { encoding: "utf8" }).stdout, "it runs\n");
  }
});

test("nothing is written over the host, into a home, over a folder, or of engines that are not whole", async () => {
  using world = makeTestWorld();
  await installed(world);
  const binary = hostIn(world, HOSTS.elf);
  const request = requestOf(world, binary);
  const refused = async (code: string, over: object): Promise<void> => {
    const before = readdirSync(world.folder);
    await assert.rejects(embed(world, { ...request, ...over }), { code });
    assert.deepEqual(readdirSync(world.folder), before, "nothing is left");
  };
  linkSync(binary, join(world.folder, "another-name"));
  await refused("refused", { to: binary });
  await refused("refused", { to: join(world.folder, "another-name") });
  await refused("refused", { to: join(homeOf(world), "engines", "host") });
  await refused("refused", { to: join(world.folder, "trees") });
  await refused("unknown-engine", { releases: [{ engine: "other", version: "1.0.0" }] });
  await refused("unknown-version", { releases: [{ engine: "toy", version: "9.0.0" }] });
  await refused("missing", { binary: join(world.folder, "no-such") });
  await refused("document-invalid", { binary: join(world.folder, "trees", "toy-1.0.0-", "toy") });
  const { path } = await embed(world, request);
  await refused("refused", { binary: path, to: join(world.folder, "twice") });
  const file = join(homeOf(world), "engines/toy/1.1.0/share/notes.txt");
  chmodSync(file, 0o644);
  writeFileSync(file, readFileSync(file, "utf8").replace("toy", "joy"));
  await refused("installation-damaged", {});
  assert.equal((await listEmbedded(world, { binary: path })).releases.length, 2, "the one that was there stays");
});

test("a content that was changed is found, and is not laid out", async () => {
  using world = makeTestWorld();
  await installed(world);
  const { path, section } = await embed(world, requestOf(world, hostIn(world, HOSTS.elf)));
  const bytes = readFileSync(path);
  const at = bytes.indexOf("toy 1.1.0\n", section.offset + 4096);
  bytes.write("joy", at);
  writeFileSync(path, bytes);
  const nowhere = join(world.folder, "no-home");
  const verified = await verifyEmbedded(world, { binary: path, home: { home: nowhere } });
  assert.deepEqual(verified.problems, [{ engine: "toy", version: "1.1.0", path: "share/notes.txt", kind: "changed" }]);
  assert.equal(verified.releases[0]?.promised, null, "without a home nobody promises anything");
  const to = join(world.folder, "out");
  await assert.rejects(extractEmbedded(world, { binary: path, to, names: [], dryRun: false }), {
    code: "hash-mismatch",
  });
  assert.deepEqual(readdirSync(join(to, "toy")), ["1.0.0"], "each is whole or not there");
});

test("what the channel does not promise is said to be something else", async () => {
  using world = makeTestWorld();
  await installed(world);
  const { path } = await embed(world, requestOf(world, hostIn(world, HOSTS.elf)));
  using other = makeTestWorld();
  const channel = await makeToyChannel(other);
  await channel.release("toy", "1.0.0", { reports: "1.0.0 of others" });
  await channel.publish(5);
  await install(other, installRequest(other, channel));
  const verified = await verifyEmbedded(other, { binary: path, home: { home: homeOf(other) } });
  assert.deepEqual(
    verified.releases.map(({ promised }) => promised),
    ["other", "unknown"],
  );
  assert.deepEqual(verified.problems, [{ engine: "toy", version: "1.0.0", path: "", kind: "other" }]);
});

test("a file without engines says so", async () => {
  using world = makeTestWorld();
  const binary = hostIn(world, HOSTS.elf);
  await assert.rejects(listEmbedded(world, { binary }), { code: "unknown-engine" });
});
