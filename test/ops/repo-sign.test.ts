import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { add } from "../../src/ops/repo/add.ts";
import { deploy } from "../../src/ops/repo/deploy.ts";
import { init } from "../../src/ops/repo/init.ts";
import { refreshTimestamp } from "../../src/ops/repo/refresh-timestamp.ts";
import { rotateRoot } from "../../src/ops/repo/rotate-root.ts";
import { rules } from "../../src/ops/repo/rules.ts";
import { sign } from "../../src/ops/repo/sign.ts";
import { verify } from "../../src/ops/repo/verify.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { toyTree } from "../support/toy-channel.ts";
import { newClientSerial } from "./repo-client.ts";

/** Two of three people; toy 1.0.0 drafted. */
async function drafted(world: TestWorld, { passphrase, people = 3 }: { passphrase?: string; people?: number } = {}) {
  const directory = join(world.folder, "repository");
  const keysDir = join(world.folder, "keys");
  const request = { directory, dryRun: false };
  await init(world, {
    ...request,
    channel: "main",
    threshold: Math.min(people, 2),
    keys: people,
    keysDir,
    passphrase: async () => passphrase,
  });
  const release = { ...request, engine: "toy", version: "1.0.0", platform: "any" };
  await add(world, { ...release, tree: toyTree(world, "toy", "1.0.0") });
  await deploy(world, { ...release, validFrom: 0 });
  const key = (name: string): string => join(keysDir, `${name}.pem`);
  return { directory, keysDir, request, key, machine: [key("snapshot"), key("timestamp")] };
}

test("a changed draft, or another epoch, drops the signatures that were given for the one before", async () => {
  using world = makeTestWorld();
  const { request, key, machine } = await drafted(world);
  await sign(world, { ...request, keys: [key("root-1")], epoch: 1 });
  await rules(world, { ...request, engine: "toy", maxFuture: 3 });
  const changed = await sign(world, { ...request, keys: [key("root-2"), ...machine], epoch: 1 });
  assert.deepEqual([changed.visible, changed.roles[0]?.have], [false, 1]);
  const moved = await sign(world, { ...request, keys: [key("root-3"), ...machine], epoch: 2 });
  assert.deepEqual([moved.visible, moved.roles[0]?.have], [false, 1]);
  const done = await sign(world, { ...request, keys: [key("root-2"), ...machine] });
  assert.deepEqual([done.visible, done.roles[0]?.have], [true, 2]);
});

test("2 of 3: a rotation needs the old and the new threshold, then the key that went counts for nothing", async () => {
  using world = makeTestWorld();
  const { directory, keysDir, request, key, machine } = await drafted(world);
  await sign(world, { ...request, keysDir, epoch: 1 });
  const rotated = await rotateRoot(world, { ...request, removeKeys: ["root-1", "root-2"], newKeys: 2, keysDir });
  assert.deepEqual([rotated.root.version, rotated.added.length, rotated.removed.length], [2, 2, 2]);

  const one = await sign(world, { ...request, keys: [key("root-3"), key("root-4"), ...machine] });
  assert.equal(one.visible, false);
  const root = one.roles.find(({ role }) => role === "root");
  assert.deepEqual([root?.have, root?.threshold, root?.before], [2, 2, { have: 1, threshold: 2 }]);
  assert.deepEqual(one.missing.map(({ role, name }) => `${role} ${name}`).sort(), ["root root-1", "root root-2"]);
  assert.equal((await newClientSerial(world, directory, "main")).root, 1);

  const two = await sign(world, { ...request, keys: [key("root-1"), ...machine] });
  assert.deepEqual([two.visible, two.root.version], [true, 2]);
  assert.deepEqual(await newClientSerial(world, directory, "main"), { serial: 1, epoch: 1, root: 2 });

  await rules(world, { ...request, engine: "toy", maxFuture: 3 });
  const gone = await sign(world, { ...request, keys: [key("root-1"), key("root-2"), ...machine] });
  assert.deepEqual([gone.visible, gone.added, gone.roles[0]?.have], [false, 0, 0]);
  assert.equal((await sign(world, { ...request, keysDir })).visible, true);
  assert.equal((await verify(world, { directory })).ok, true);
});

test("rotations that cannot be are refused", async () => {
  using world = makeTestWorld();
  const { keysDir, request, key } = await drafted(world);
  const refused: readonly [string, Parameters<typeof rotateRoot>[1]][] = [
    ["usage", { ...request, removeKeys: ["root-1", "root-2"] }],
    ["usage", { ...request, removeKeys: ["nobody"] }],
    ["usage", { ...request, threshold: 4 }],
    ["usage", { ...request, threshold: 0 }],
    ["usage", { ...request, newKeys: 1 }],
    ["missing", { ...request, addKeys: [key("gone")] }],
    ["refused", { ...request, newKeys: 1, keysDir: join(request.directory, "keys") }],
  ];
  for (const [code, rotation] of refused)
    await assert.rejects(rotateRoot(world, rotation), { code }, JSON.stringify(rotation));
  const listed = await rotateRoot(world, {
    ...request,
    removeKeys: [key("root-1")],
    addKeys: [],
    threshold: 1,
    keysDir,
  });
  assert.equal(listed.keys.filter(({ roles }) => roles.includes("root")).length, 2);
});

test("key files are encrypted where a passphrase is given, and a wrong one says so", async () => {
  using world = makeTestWorld();
  const { request, keysDir, key } = await drafted(world, { passphrase: "correct horse", people: 1 });
  assert.match(readFileSync(key("root"), "utf8"), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  await assert.rejects(sign(world, { ...request, keysDir }), { code: "key-unreadable" });
  await assert.rejects(sign(world, { ...request, keysDir, passphrase: async () => "wrong" }), {
    code: "key-unreadable",
    message: /root\.pem: The passphrase does not open/,
  });
  const asked: string[] = [];
  const passphrase = async (what: string): Promise<string> => {
    asked.push(what);
    return "correct horse";
  };
  assert.equal((await sign(world, { ...request, keysDir, passphrase })).visible, true);
  assert.deepEqual(asked.sort(), ["root", "snapshot", "timestamp"], "each key is opened once");
  asked.length = 0;
  await refreshTimestamp(world, { ...request, keysDir, passphrase });
  assert.deepEqual(asked.sort(), ["snapshot", "timestamp"], "a key that no role asks for stays closed");
});

test("an external signer gets the canonical bytes and gives one signature in hex or base64", async () => {
  using world = makeTestWorld();
  const { request, key, machine } = await drafted(world);
  const script = join(world.folder, "signer.mjs");
  writeFileSync(
    script,
    `import { sign } from "node:crypto"; import { readFileSync } from "node:fs";
     const signature = sign(null, readFileSync(0), readFileSync(process.argv[2]));
     if (process.env.ENGINERY_SIGN_ROLE !== "targets") process.exit(3);
     console.log(signature.toString(process.argv[3]));`,
  );
  const signer = (name: string, form: string) => [process.execPath, script, key(name), form];
  const first = await sign(world, { ...request, signer: signer("root-2", "hex") });
  assert.deepEqual([first.visible, first.added, first.roles[0]?.have], [false, 1, 1]);
  const second = await sign(world, { ...request, signer: signer("root-3", "base64"), keys: machine });
  assert.deepEqual([second.visible, second.added], [true, 3]);
  await rules(world, { ...request, engine: "toy", maxFuture: 3 });
  const none = await sign(world, { ...request, signer: signer("snapshot", "hex") });
  assert.equal(none.added, 0, "a signature by a key that may not sign is none");
  await assert.rejects(sign(world, { ...request, signer: [process.execPath, "-e", "process.exit(1)"] }), {
    code: "refused",
  });
});

test("without a key there is nothing to sign with; without snapshot's key nothing is refreshed", async () => {
  using world = makeTestWorld();
  const { directory, keysDir, request, key } = await drafted(world);
  await assert.rejects(sign(world, request), { code: "usage" });
  await assert.rejects(sign(world, { ...request, keys: [key("gone")] }), { code: "missing" });
  await assert.rejects(sign(world, { ...request, keysDir, expires: "soon" }), { code: "usage" });
  await assert.rejects(sign(world, { ...request, keysDir, expires: "2020-01-01T00:00:00Z" }), { code: "refused" });
  await assert.rejects(refreshTimestamp(world, { ...request, keysDir }), { code: "missing" });
  await sign(world, { ...request, keysDir });
  const before = readFileSync(join(directory, "metadata", "timestamp.json"), "utf8");
  const short = await refreshTimestamp(world, { ...request, keys: [key("snapshot")] });
  assert.deepEqual([short.visible, short.missing.map(({ name }) => name)], [false, ["timestamp"]]);
  assert.equal(readFileSync(join(directory, "metadata", "timestamp.json"), "utf8"), before);
});

test("a refresh while others are signing keeps their signatures", async () => {
  using world = makeTestWorld();
  const { keysDir, request, key, machine } = await drafted(world);
  await sign(world, { ...request, keysDir });
  await rotateRoot(world, { ...request, expires: "700d" });
  await rules(world, { ...request, engine: "toy", maxFuture: 3 });
  await sign(world, { ...request, keys: [key("root-1")] });
  assert.equal((await refreshTimestamp(world, { ...request, keys: machine })).changed, true);
  const done = await sign(world, { ...request, keys: [key("root-2"), ...machine] });
  assert.deepEqual([done.visible, done.root.version, done.channels[0]?.serial], [true, 2, 2]);
});

test("what would not be believed is not made visible, and renewing gives a later expiry", async () => {
  using world = makeTestWorld();
  const { directory, keysDir, request } = await drafted(world);
  await sign(world, { ...request, keysDir });
  world.time += 364 * 86_400_000;
  const renewed = await sign(world, { ...request, keysDir, renew: true });
  assert.deepEqual([renewed.visible, renewed.changed, renewed.channels[0]?.serial], [true, true, 1]);
  world.time += 2 * 86_400_000;
  await assert.rejects(
    sign(world, { ...request, keysDir, renew: true }),
    { code: "trust-expired" },
    "the root has expired",
  );
  await rotateRoot(world, request);
  assert.equal((await sign(world, { ...request, keysDir })).root.version, 2);
  assert.equal((await verify(world, { directory })).ok, true);
});

test("renewing goes from one signer to the next without being said again", async () => {
  using world = makeTestWorld();
  const { keysDir, request, key, machine } = await drafted(world);
  await sign(world, { ...request, keysDir });
  assert.equal((await sign(world, { ...request, keys: [key("root-1")], renew: true })).visible, false);
  await refreshTimestamp(world, { ...request, keys: machine });
  const done = await sign(world, { ...request, keys: [key("root-2"), ...machine] });
  assert.deepEqual(
    [done.visible, done.changed, done.roles[0]?.role, done.roles[0]?.version],
    [true, true, "targets", 2],
  );
  assert.equal((await sign(world, { ...request, keysDir })).changed, false);
});

test("a key that was made elsewhere joins by its public half", async () => {
  using world = makeTestWorld();
  const { keysDir, request, machine, key } = await drafted(world);
  await sign(world, { ...request, keysDir });
  const pair = generateKeyPairSync("ed25519");
  const [mine, theirs] = [join(world.folder, "alice.pem"), join(world.folder, "alice-public.pem")];
  writeFileSync(mine, pair.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  writeFileSync(theirs, pair.publicKey.export({ type: "spki", format: "pem" }));
  await assert.rejects(rotateRoot(world, { ...request, addKeys: [mine] }), { code: "key-unreadable" });
  await rotateRoot(world, { ...request, addKeys: [theirs], removeKeys: ["root-3"] });
  const done = await sign(world, { ...request, keys: [key("root-1"), mine, key("root-2"), ...machine] });
  assert.deepEqual([done.visible, done.root.version, done.roles[0]?.have], [true, 2, 3]);
});

test("verify names what is damaged", async () => {
  using world = makeTestWorld();
  const { directory, keysDir, request } = await drafted(world);
  await sign(world, { ...request, keysDir });
  const manifest = JSON.parse(readFileSync(join(directory, "targets", "channels", "main.json"), "utf8"));
  const { pieces, archive } = manifest.engines.toy.releases["1.0.0"].platforms.any;
  writeFileSync(join(directory, "pieces", `${pieces.sha256}.json.zst`), "x");
  const result = await verify(world, { directory });
  assert.equal(result.ok, false);
  assert.deepEqual(
    result.problems.map(({ path, code }) => [path, code]),
    [[`pieces/${pieces.sha256}.json.zst`, "hash-mismatch"]],
  );
  writeFileSync(join(directory, "archives", `${archive.sha256}.tar.zst`), "x");
  writeFileSync(
    join(directory, "metadata", "timestamp.json"),
    readFileSync(join(directory, "metadata", "timestamp.json"), "utf8").replace(/"sig": "../, '"sig": "00'),
  );
  const worse = await verify(world, { directory });
  assert.deepEqual(
    worse.problems.map(({ code }) => code),
    ["trust-signature", "hash-mismatch"],
  );
});
