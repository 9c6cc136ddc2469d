import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { type HomeChange, openHome } from "../../src/index.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installedToys } from "../support/installed-toys.ts";
import { homeOf } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";

const WRITER = fileURLToPath(new URL("writer.ts", import.meta.url));
const TENANTS = ["vat-1", "vat-2", "vat-3"];
const ROUNDS = 10;
/** What the library promises, in milliseconds. */
const PROMISED = 1_000;

const world: TestWorld & Disposable = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
const home = homeOf(world);
before(async () => {
  await installedToys(world);
});
after(() => world[Symbol.dispose]());

interface Announced {
  readonly tenant?: string;
  readonly version?: string | null;
  readonly epoch?: number;
  readonly at: number;
}

const wordsFor = (rounds: number) => [WRITER, home, "toy", "1.0.0,2.0.0", TENANTS.join(), String(rounds)];

/** `heard` gets each line as it comes; ends with the writer. */
async function write(rounds: number, heard: (announced: Announced) => void): Promise<void> {
  const child = spawn(process.execPath, wordsFor(rounds), { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  child.stdin.on("error", () => undefined).write("\n");
  for await (const line of createInterface({ input: child.stdout })) {
    heard(JSON.parse(line));
    child.stdin.write("\n");
  }
  assert.deepEqual(await ended, [0, null]);
}

test("a home is asked for by its path: anything else is said to be wrong", () => {
  for (const odd of [undefined, null, 5, {}, "", "home\0"]) {
    assert.throws(() => openHome(odd as never), { name: "EngineryError", code: "usage" }, String(odd));
  }
});

test("what another process has announced is answered a second later, also by a thread that was busy all the time", () => {
  using host = openHome(home);
  host.load();
  const rounds = 4;
  const input = "\n".repeat(100);
  const wrote = spawnSync(process.execPath, wordsFor(rounds), {
    input,
    encoding: "utf8",
    timeout: 240_000,
    killSignal: "SIGKILL",
  });
  assert.equal(wrote.status, 0, wrote.stderr);
  const last: Announced = JSON.parse(wrote.stdout.trim().split("\n").at(-1) ?? "");
  // however slow the machine is, it is later than that when we ask
  while (Date.now() <= last.at + PROMISED);
  for (const tenant of TENANTS) {
    const { version, because } = host.resolve({ engine: "toy", tenant, epoch: 0 });
    assert.deepEqual([version, because], ["2.0.0", "pin"]);
  }
  assert.equal(host.resolve({ engine: "toy" }).epoch, 100 + rounds - 1);
});

test("answers go forward only, and listeners hear of each pin in the end", async (context) => {
  using host = openHome(home);
  host.load();
  // pinned by the test before; unpinned in the last round
  const announced = new Map<string, (string | null)[]>(TENANTS.map((tenant) => [tenant, ["2.0.0"]]));
  const answered = new Map<string, number>(TENANTS.map((tenant) => [tenant, 0]));
  const heard = new Map<string, string | null>();
  const told: HomeChange[] = [];
  const waits: number[] = [];
  host.watch((change) => {
    told.push(change);
    for (const { tenant, version } of change.kind === "pins" ? change.pins : []) heard.set(tenant, version);
  });
  let latest: Announced | undefined;
  let isWriting = true;
  const asking = (async () => {
    while (isWriting) {
      for (const tenant of TENANTS) ask(tenant);
      await pause(1);
    }
  })();

  /** An answer is one of those since the last that was given, or one that is under way and not announced yet. */
  function ask(tenant: string): void {
    const was = announced.get(tenant) ?? [];
    const { version, because } = host.resolve({ engine: "toy", tenant, epoch: 0 });
    const pinned = because === "pin" ? version : null;
    const at = was.indexOf(pinned, answered.get(tenant));
    if (at >= 0) answered.set(tenant, at);
    else assert.equal(pinned, nextOf(was.length), `${tenant}: ${pinned} after ${was.join()}`);
    if (latest?.tenant === tenant && latest.version === pinned) {
      waits.push(Date.now() - latest.at);
      latest = undefined;
    }
  }

  await write(ROUNDS, (one) => {
    if (one.tenant === undefined) return;
    announced.get(one.tenant)?.push(one.version ?? null);
    latest = one;
  });
  isWriting = false;
  await asking;
  host.refresh();
  for (const tenant of TENANTS) assert.equal(host.resolve({ engine: "toy", tenant, epoch: 0 }).because, "schedule");
  const end = Date.now() + 30_000;
  while (Date.now() < end && !TENANTS.every((tenant) => heard.get(tenant) === null)) await pause(20);
  assert.deepEqual(
    TENANTS.map((tenant) => heard.get(tenant)),
    [null, null, null],
  );
  assert.ok(told.some((change) => change.kind === "epoch" && change.epoch === 100 + ROUNDS - 1));
  assert.deepEqual(
    told.filter(({ kind }) => kind === "error"),
    [],
  );
  const sorted = waits.toSorted((one, other) => one - other);
  context.diagnostic(`seen after its announcement: median ${sorted[sorted.length >> 1]} ms, most ${sorted.at(-1)} ms`);
});

/** What the writer does in its n-th turn for a tenant, counted from 1. */
function nextOf(turn: number): string | null {
  const round = turn - 1;
  return round % 5 === 4 ? null : (["1.0.0", "2.0.0"][round % 2] ?? null);
}
