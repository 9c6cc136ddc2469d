import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nodeHost } from "../../src/adapters/node-host.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { withdraw } from "../../src/ops/repo/withdraw.ts";
import { selfUpdate } from "../../src/ops/self-update.ts";
import type { SelfUpdateRequest } from "../../src/ops/updating.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../support/toy-channel.ts";

/** What a release of Enginery is for these tests: a program that says who it is. */
const programOf = (version: string) => `#!/bin/sh\necho "enginery ${version}"\n`;

/** What install.sh left of 0.1.0, and Enginery's own channel. */
class Scene {
  readonly world: TestWorld;
  readonly self: string;
  readonly receipt: string;
  readonly channel: ToyChannel;

  constructor(world: TestWorld, channel: ToyChannel) {
    this.world = world;
    this.channel = channel;
    this.self = join(world.folder, "self");
    this.receipt = join(world.folder, "receipt.json");
    mkdirSync(join(this.self, "bin"), { recursive: true });
    this.place("0.1.0");
    symlinkSync(this.placed("0.1.0"), this.command);
    writeFileSync(join(this.self, "root.json"), readFileSync(join(channel.repository, "metadata/1.root.json")));
    this.write({ self: this.self, repository: channel.repository });
  }

  get command(): string {
    return join(this.self, "bin/enginery");
  }

  placed(version: string): string {
    return join(this.self, "placed", `enginery-${version}`);
  }

  place(version: string): void {
    mkdirSync(join(this.self, "placed"), { recursive: true });
    writeFileSync(this.placed(version), programOf(version));
    chmodSync(this.placed(version), 0o555);
  }

  write(more: object): void {
    const receipt = { format: 2, way: "release", command: join(this.world.folder, "bin/enginery"), made: [], ...more };
    writeFileSync(this.receipt, JSON.stringify(receipt), { mode: 0o644 });
  }

  async publish(version: string, says = version): Promise<void> {
    await this.channel.release("enginery", version, { reports: says, files: { enginery: programOf(says) } });
    await this.channel.publish();
  }

  update(more: Partial<SelfUpdateRequest> = {}, program = this.inUse(), over: Partial<TestWorld> = {}) {
    const host = { ...nodeHost(), program };
    const request = {
      receipt: this.receipt,
      check: false,
      rollback: false,
      again: false,
      dryRun: false,
      offline: false,
      allowHttp: false,
    };
    return selfUpdate({ ...this.world, ...over, host }, { ...request, ...more });
  }

  inUse(): string {
    return readlinkSync(this.command);
  }

  says(): string {
    return execFileSync(this.command, ["--version"], { encoding: "utf8" }).trim();
  }
}

async function sceneOf(world: TestWorld): Promise<Scene> {
  const channel = await makeToyChannel(world, "enginery");
  const scene = new Scene(world, channel);
  await scene.publish("0.1.0");
  return scene;
}

const refusedWith =
  (code: Parameters<typeof isEngineryError>[1], hint = /./) =>
  (error: unknown) => {
    assert.ok(isEngineryError(error, ...(code === undefined ? [] : [code])), String(error));
    assert.match(error.hint, hint);
    return true;
  };

test("the highest release is taken as an engine is, and the command leads to it", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  const nothing = await scene.update();
  assert.deepEqual([nothing.changed, nothing.offered, nothing.to], [false, "0.1.0", "0.1.0"]);
  assert.ok(!existsSync(join(scene.self, "home")));

  await scene.publish("0.2.0");
  await scene.publish("0.10.0");
  await scene.publish("0.11.0-rc.1");
  for (const more of [{ check: true }, { dryRun: true }]) {
    const planned = await scene.update(more);
    assert.deepEqual([planned.from, planned.to, planned.changed], ["0.1.0", "0.10.0", true]);
    assert.deepEqual([scene.says(), existsSync(join(scene.self, "home"))], ["enginery 0.1.0", false]);
  }
  const done = await scene.update();
  assert.deepEqual([done.from, done.to, done.changed], ["0.1.0", "0.10.0", true]);
  assert.equal(scene.says(), "enginery 0.10.0");
  assert.equal(scene.inUse(), join(scene.self, "home/engines/enginery/0.10.0/enginery"));
  const again = await scene.update();
  assert.deepEqual([again.changed, again.from], [false, "0.10.0"]);
});

test("what the publisher withdrew, and what does not say who it is, is not taken", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  await scene.publish("0.2.0");
  await scene.publish("0.3.0", "0.2.9");
  await assert.rejects(scene.update(), refusedWith("probe-failed"));
  assert.equal(scene.says(), "enginery 0.1.0");
  // known bad here by now
  assert.equal((await scene.update()).to, "0.2.0");
  await scene.publish("0.4.0");
  await withdraw(world, {
    directory: scene.channel.repository,
    engine: "enginery",
    version: "0.4.0",
    reason: "it eats disks",
    dryRun: false,
  });
  await scene.channel.publish();
  assert.equal((await scene.update()).changed, false);
  await assert.rejects(scene.update({ to: "0.4.0" }), refusedWith("release-withdrawn"));
  assert.equal(scene.says(), "enginery 0.2.0");
});

test("a rollback leads to the one before and holds still until there is something later", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  await assert.rejects(scene.update({ rollback: true }), refusedWith("unknown-generation"));
  for (const version of ["0.2.0", "0.3.0"]) {
    await scene.publish(version);
    await scene.update();
  }
  const planned = await scene.update({ rollback: true, dryRun: true });
  assert.deepEqual([planned.to, scene.says()], ["0.2.0", "enginery 0.3.0"]);
  const back = await scene.update({ rollback: true });
  assert.deepEqual([back.from, back.to, back.downloadedBytes, scene.says()], ["0.3.0", "0.2.0", 0, "enginery 0.2.0"]);
  const held = await scene.update();
  assert.match(held.held ?? "", /0\.3\.0 is not taken again; --again/);
  assert.equal(scene.says(), "enginery 0.2.0");
  assert.equal((await scene.update({ again: true })).to, "0.3.0");
  await scene.update({ rollback: true });
  await scene.publish("0.4.0");
  assert.equal((await scene.update()).to, "0.4.0");
});

test("the first rollback leads to what install.sh placed", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  await scene.publish("0.2.0");
  await scene.update();
  const back = await scene.update({ rollback: true });
  assert.deepEqual([back.to, scene.says(), scene.inUse()], ["0.1.0", "enginery 0.1.0", scene.placed("0.1.0")]);
  assert.match((await scene.update()).held ?? "", /0\.2\.0 is not taken again/);
});

test("said twice, a rollback to what install.sh placed ends there: what was left behind does not come back by it", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  await scene.publish("0.2.0");
  await scene.update();
  await scene.update({ rollback: true });
  assert.equal(scene.says(), "enginery 0.1.0");
  for (const more of [{ rollback: true }, { rollback: true, dryRun: true }])
    await assert.rejects(scene.update(more), refusedWith("unknown-generation"));
  assert.equal(scene.says(), "enginery 0.1.0");
  assert.match((await scene.update()).held ?? "", /After the rollback/);
});

test("a receipt that does not say where releases are served is told of as that", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  scene.write({ self: scene.self });
  await assert.rejects(scene.update(), refusedWith("refused", /install\.sh/));
});

test("a rollback that is cut off before the link is moved goes no further back when it is said again", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  for (const version of ["0.2.0", "0.3.0", "0.4.0"]) {
    await scene.publish(version);
    await scene.update();
  }
  const broken = {
    ...world.fileSystem,
    symlink: () => {
      throw new Error("cut off");
    },
  };
  for (const _ of [1, 2, 3]) {
    await assert.rejects(scene.update({ rollback: true }, scene.inUse(), { fileSystem: broken }), /cut off/);
  }
  assert.equal(scene.says(), "enginery 0.4.0");
  assert.equal((await scene.update({ rollback: true })).to, "0.3.0");
  assert.equal((await scene.update({ rollback: true })).to, "0.2.0");
});

test("another than the highest is taken where it is named", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  for (const version of ["0.2.0", "0.3.0"]) await scene.publish(version);
  assert.equal((await scene.update({ to: "0.2.0" })).to, "0.2.0");
  assert.equal(scene.says(), "enginery 0.2.0");
  await assert.rejects(scene.update({ to: "9.9.9" }), refusedWith("unknown-version"));
});

test("what is trusted is what the release brought, and what was seen is not forgotten", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  await scene.publish("0.2.0");
  const root = join(scene.self, "root.json");
  const kept = readFileSync(root);
  using other = makeTestWorld();
  const stranger = await makeToyChannel(other, "enginery");
  await stranger.publish();
  writeFileSync(root, readFileSync(join(stranger.repository, "metadata/1.root.json")));
  await assert.rejects(scene.update(), (error) => isEngineryError(error) && error.code.startsWith("trust-"));
  rmSync(root);
  await assert.rejects(scene.update(), refusedWith("root-required"));
  assert.ok(!existsSync(join(scene.self, "home")));
  writeFileSync(root, kept);
  await scene.update();
  assert.equal(scene.says(), "enginery 0.2.0");
});

test("the channel is followed to where a later install.sh says it is, and stays whose it was", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  await scene.publish("0.2.0");
  await scene.update();
  await scene.publish("0.3.0");
  const moved = join(world.folder, "moved");
  renameSync(scene.channel.repository, moved);
  await assert.rejects(scene.update());
  scene.write({ self: scene.self, repository: moved });
  assert.equal((await scene.update()).to, "0.3.0");
  using other = makeTestWorld();
  const stranger = await makeToyChannel(other, "enginery");
  await stranger.release("enginery", "0.9.0", { files: { enginery: programOf("0.9.0") } });
  await stranger.publish();
  scene.write({ self: scene.self, repository: stranger.repository });
  await assert.rejects(scene.update(), (error) => isEngineryError(error) && error.code.startsWith("trust-"));
  assert.equal(scene.says(), "enginery 0.3.0");
});

test("after a few updates the release in use and the one before are there", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  for (const version of ["0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0"]) {
    await scene.publish(version);
    await scene.update();
  }
  const engines = readdirSync(join(scene.self, "home/engines/enginery"));
  assert.ok(engines.includes("0.5.0") && engines.includes("0.6.0"), `${engines}`);
  assert.ok(!engines.includes("0.2.0"), `${engines}`);
  assert.deepEqual(readdirSync(join(scene.self, "placed")), []);
  assert.equal((await scene.update({ rollback: true })).to, "0.5.0");
  assert.equal(scene.says(), "enginery 0.5.0");
});

test("what others installed they update, and it says how", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  await scene.publish("0.2.0");
  const cases = [
    ["/usr/lib/node_modules/enginery/bin/start.cjs", /npm install --global enginery/],
    ["/home/x/node_modules/enginery/bin/start.cjs", /npm install/],
    ["/usr/bin/enginery", /distribution/],
    ["/opt/homebrew/Cellar/enginery/1/bin/enginery", /distribution/],
    ["/home/x/src/enginery/bin/start.cjs", /git pull/],
    ["/home/x/Downloads/enginery-0.1.0", /install\.sh/],
  ] as const;
  for (const [program, hint] of cases) {
    await assert.rejects(scene.update({}, program), refusedWith("refused", hint), program);
  }
  rmSync(scene.receipt);
  await assert.rejects(scene.update(), refusedWith("refused", /install\.sh/));
  assert.equal(scene.says(), "enginery 0.1.0");
});

test("a command that leads elsewhere is not moved", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  await scene.publish("0.2.0");
  rmSync(scene.command);
  symlinkSync("/bin/true", scene.command);
  await assert.rejects(scene.update({}, scene.placed("0.1.0")), refusedWith("refused", /install\.sh/));
  assert.equal(readlinkSync(scene.command), "/bin/true");
});

test("a file is proved right before the command leads to it, whatever was proved earlier", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  await scene.publish("0.2.0");
  await scene.update();
  rmSync(scene.placed("0.1.0"));
  writeFileSync(scene.placed("0.1.0"), programOf("9.9.9"), { mode: 0o555 });
  await assert.rejects(scene.update({ rollback: true }), refusedWith("probe-failed"));
  assert.equal(scene.says(), "enginery 0.2.0");
});

test("what is older than the one in use is not offered; a folder that is a link is not followed", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  scene.place("0.5.0");
  rmSync(scene.command);
  symlinkSync(scene.placed("0.5.0"), scene.command);
  const stays = await scene.update();
  assert.deepEqual([stays.changed, stays.to, scene.says()], [false, "0.5.0", "enginery 0.5.0"]);
  renameSync(scene.self, `${scene.self}-moved`);
  symlinkSync(`${scene.self}-moved`, scene.self);
  await assert.rejects(scene.update(), refusedWith("refused", /install\.sh/));
});

test("two at once end with a command that is one of the two", async () => {
  using world = makeTestWorld();
  const scene = await sceneOf(world);
  for (const version of ["0.2.0", "0.3.0"]) await scene.publish(version);
  const both = await Promise.allSettled([scene.update({ to: "0.2.0" }), scene.update({ to: "0.3.0" })]);
  assert.ok(both.some(({ status }) => status === "fulfilled"));
  assert.match(scene.says(), /^enginery 0\.[23]\.0$/);
  await scene.update({ again: true });
  assert.equal(scene.says(), "enginery 0.3.0");
});
