import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { isEngineryError } from "../../src/core/errors.ts";
import { install } from "../../src/ops/install.ts";
import { observe } from "../../src/ops/observe.ts";
import { pin } from "../../src/ops/pin.ts";
import { prune } from "../../src/ops/prune.ts";
import { sign } from "../../src/ops/repo/sign.ts";
import { rollback } from "../../src/ops/rollback.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { verify } from "../../src/ops/verify.ts";
import { interposed } from "../sim/interposed-file-system.ts";
import { failingFileSystem } from "../sim/killing-file-system.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installRequest, upgradeRequest, verifyRequest } from "../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../support/test-world.ts";
import { makeToyChannel, type ToyChannel } from "../support/toy-channel.ts";
import { lookAtRepository } from "./checker/repository.ts";
import { lookAt } from "./checker.ts";
import { copyHome } from "./support/scenes.ts";
import { requireNone, tally } from "./support/tally.ts";

/** Every call that changes the disk answers an error once, or from then on: clear exit, sound home, and the next run mends it. */
const ERRNOS = [
  "ENOSPC",
  "EIO",
  "EACCES",
  "EROFS",
  "EMFILE",
  "EXDEV",
  "EBUSY",
  "EPERM",
  "EDQUOT",
  "ENAMETOOLONG",
] as const;
/** Of those, how many at each call, in turn (half as many where errors last); all of them with ENGINERY_SAFETY_FULL. */
const A_CALL = process.env["ENGINERY_SAFETY_FULL"] === undefined ? 2 : ERRNOS.length;
const QUIET = { dryRun: false } as const;

const real = unsynced(nodeFileSystem());
const world: TestWorld & Disposable = makeTestWorld({ fileSystem: real });
const first = join(world.folder, "first-home");
const second = join(world.folder, "second-home");
const damaged = join(world.folder, "damaged-home");
const draft = join(world.folder, "draft");
let channel: ToyChannel;

before(async () => {
  channel = await makeToyChannel(world);
  for (const [version, from] of [
    ["1.0.0", 0],
    ["2.0.0", 100],
  ] as const) {
    await channel.release("toy", version);
    await channel.deploy("toy", version, from);
  }
  await channel.publish(10);
  await install(world, installRequest(world, channel, { home: first }));
  await observe(world, { home: first, epoch: 150, dryRun: false });
  await channel.release("toy", "3.0.0");
  await channel.deploy("toy", "3.0.0", 200, 150);
  cpSync(channel.repository, draft, { recursive: true });
  await channel.publish(150);
  copyHome(first, second);
  await upgrade(world, upgradeRequest(world, { home: second }));
  await pin(world, { ...QUIET, home: second, pins: [{ tenant: "vat-1", engine: "toy", version: "2.0.0" }] });
  copyHome(second, damaged);
  rmSync(join(damaged, "engines/toy/2.0.0/share/notes.txt"));
  rmSync(join(damaged, "engines/toy/3.0.0/SEAL.json"));
});

after(() => world[Symbol.dispose]());

interface Verb {
  readonly name: string;
  readonly from: string | undefined;
  act(world: TestWorld, home: string): Promise<unknown>;
  /** Ends it, whatever came of the first. Default: the same again. */
  next?(world: TestWorld, home: string): Promise<unknown>;
}

const VERBS: readonly Verb[] = [
  { name: "install", from: undefined, act: (at, home) => install(at, installRequest(world, channel, { home })) },
  {
    name: "leases moved outside",
    from: second,
    act: (at, home) => install(at, installRequest(world, channel, { home, leases: `${home}-leases` })),
  },
  { name: "upgrade", from: first, act: (at, home) => upgrade(at, upgradeRequest(world, { home, prune: true })) },
  {
    name: "rollback",
    from: second,
    act: (at, home) => rollback(at, { ...QUIET, home }),
    next: (at, home) => rollback(at, { ...QUIET, home, to: 1 }),
  },
  { name: "prune", from: second, act: (at, home) => prune(at, { ...QUIET, home, before: 100, keepGenerations: 1 }) },
  {
    name: "verify --repair",
    from: damaged,
    act: (at, home) => verify(at, verifyRequest(world, { home, repair: true })),
  },
  {
    name: "pin",
    from: second,
    act: (at, home) => pin(at, { ...QUIET, home, pins: [{ tenant: "vat-2", engine: "toy", version: "1.0.0" }] }),
  },
  { name: "observe", from: second, act: (at, home) => observe(at, { ...QUIET, home, epoch: 170 }) },
];

for (const verb of VERBS) {
  for (const lasting of [false, true]) {
    test(`${verb.name}: every call fails ${lasting ? "from some point on" : "once"}`, async (context) => {
      const baseline = verb.from === undefined ? undefined : lookAt(verb.from);
      const known = new Set(baseline?.problems ?? []);
      await failEverywhere(context, lasting, async (failing) => {
        const home = join(mkdtempSync(join(world.folder, "scene-")), "home");
        if (verb.from !== undefined) copyHome(verb.from, home);
        const broken = await attempt(() => verb.act(failing, home), failing);
        const { problems, newest, rooted } = lookAt(home, baseline?.rooted);
        broken.push(...problems.filter((problem) => !known.has(problem)).map((problem) => `after it: ${problem}`));
        if (baseline?.newest !== undefined && (newest ?? 0) < baseline.newest)
          broken.push(`after it: generation ${newest}`);
        broken.push(...(await calm("next", () => (verb.next ?? verb.act)(world, home))));
        broken.push(...(await calm("sweep", () => prune(world, { ...QUIET, home }))));
        const then = lookAt(home, rooted);
        broken.push(...then.problems.map((problem) => `at the end: ${problem}`));
        for (const folder of ["staging", "marks", "leases"]) {
          for (const name of readdirSync(join(home, folder))) broken.push(`at the end: ${folder}/${name} is left`);
        }
        rmSync(join(home, ".."), { recursive: true });
        return broken;
      });
    });
  }
}

for (const lasting of [false, true]) {
  test(`repo sign: every call fails ${lasting ? "from some point on" : "once"}`, async (context) => {
    await failEverywhere(context, lasting, async (failing) => {
      const directory = join(mkdtempSync(join(world.folder, "scene-")), "repository");
      cpSync(draft, directory, { recursive: true });
      const request = { ...QUIET, directory, keysDir: channel.keysDir, epoch: 150 };
      const broken = await attempt(() => sign(failing, request), failing);
      broken.push(...lookAtRepository(directory).problems.map((problem) => `after it: ${problem}`));
      broken.push(...(await calm("next", () => sign(world, request))));
      const { problems, serials } = lookAtRepository(directory);
      if (serials["toys"] !== 2) broken.push(`at the end: serial ${serials["toys"]}`);
      rmSync(join(directory, ".."), { recursive: true });
      return [...broken, ...problems.map((problem) => `at the end: ${problem}`)];
    });
  });
}

type Failing = TestWorld & { readonly failedAt: () => string | undefined; readonly flushes: readonly string[] };

/** `scene` once for each call and errno, until no call is left to fail. */
async function failEverywhere(
  context: Parameters<typeof tally>[0],
  lasting: boolean,
  scene: (failing: Failing) => Promise<string[]>,
): Promise<void> {
  const broken: string[] = [];
  let cases = 0;
  const aCall = lasting ? Math.ceil(A_CALL / 2) : A_CALL;
  for (let point = 1, reached = true; reached; point++) {
    for (let turn = 0; turn < aCall && reached; turn++) {
      const errno = ERRNOS[(point * aCall + turn) % ERRNOS.length] ?? "EIO";
      const failing = failingWorld(point, errno, lasting);
      const found = await scene(failing);
      reached = failing.failedAt() !== undefined;
      if (reached) cases++;
      broken.push(...found.map((what) => `${errno} at ${point} (${failing.failedAt()}): ${what}`));
    }
  }
  tally(context, { cases });
  requireNone(broken);
}

/** A process of its own, which is gone when others look: its claims must not count. */
function failingWorld(point: number, errno: string, lasting: boolean): Failing {
  const flushes: string[] = [];
  const failing = failingFileSystem(real, point, errno, { lasting });
  const watched = interposed(failing.fileSystem, {
    before: ({ name, path }) => {
      const failed = failing.killedAt;
      if (/^sync/.test(name) && failed !== undefined && /^sync(File)?$/.test(failed.name) && failed.path === path)
        flushes.push(path);
    },
  });
  const host = { ...world.host, self: () => ({ ...world.host.self(), pid: 4_194_303, started: "1" }) };
  const failedAt = () =>
    failing.killedAt && `${failing.killedAt.name} ${failing.killedAt.path.replace(world.folder, "")}`;
  return { ...world, fileSystem: watched, host, failedAt, flushes };
}

/** It may come through (with a warning), or say in our words what is wrong. A flush that failed is never tried again. */
async function attempt(act: () => Promise<unknown>, failing: Failing): Promise<string[]> {
  const broken: string[] = [];
  try {
    await act();
  } catch (error) {
    if (!isEngineryError(error) || error.code === "internal")
      broken.push(`ended with ${error instanceof Error ? error.stack : error}`);
  }
  return [...broken, ...failing.flushes.map((path) => `flushed ${path} again`)];
}

async function calm(what: string, act: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await act();
    return [];
  } catch (error) {
    return [`${what}: ${error instanceof Error ? `${error.message}` : error}`];
  }
}
