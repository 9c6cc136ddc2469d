import assert from "node:assert/strict";
import { cpSync, lutimesSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { lookAtRepository } from "./checker/repository.ts";
import { lookAt } from "./checker.ts";
import { buildCounter, changesMissing, counted, readChanges } from "./support/changes.ts";
import { killAtEveryChange } from "./support/killing.ts";
import { run, sound, told } from "./support/run.ts";
import { copyHome, installWords, letLockAge, prepareStage, type Stage } from "./support/scenes.ts";
import { changesIn, straceMissing, traced } from "./support/strace.ts";
import { requireNone, tally } from "./support/tally.ts";

/** SIGKILL before every change of the disk, in real processes; then the independent checker, the next command, the checker again. */
const FLUSH_STRIDE = process.env["ENGINERY_SAFETY_FULL"] === undefined ? 4 : 1;
/** After every how many points the sweep of what the dead left is looked at as well. */
const SWEEP_STRIDE = 6;

interface Verb {
  readonly name: string;
  /** A prepared home; undefined: none. */
  readonly from: (stage: Stage) => string | undefined;
  readonly words: (stage: Stage) => readonly string[];
  /** What comes next; default: the same. */
  readonly next?: (stage: Stage) => readonly string[];
  /** Numbers of the newest generation that may be found after the kill, and after the next command. */
  readonly found: readonly (number | undefined)[];
  readonly ends: readonly number[];
  /** Installed at the end. */
  readonly installed: readonly string[];
}

const TELL_TO_END = 'setsid -f sh -c "sleep 2; kill -TERM $PPID" >/dev/null 2>&1';
const FIRST = ["rig@1.0.0", "rig@2.0.0", "toy@1.0.0", "toy@2.0.0"];
const SECOND = [...FIRST, "toy@3.0.0"];

const VERBS: readonly Verb[] = [
  {
    name: "install",
    from: () => undefined,
    words: (on) => [...installWords(on), "toy"],
    found: [undefined, 1],
    ends: [1],
    installed: ["toy@1.0.0", "toy@2.0.0"],
  },
  {
    name: "upgrade",
    from: ({ homes }) => homes.behind,
    words: () => ["upgrade"],
    found: [1, 2],
    ends: [2],
    installed: SECOND,
  },
  {
    name: "rollback",
    from: ({ homes }) => homes.second,
    words: () => ["rollback"],
    next: () => ["rollback", "--to", "1"],
    found: [2, 3],
    ends: [3, 4],
    installed: SECOND,
  },
  {
    name: "prune",
    from: ({ homes }) => homes.second,
    words: () => ["prune", "--before", "100", "--keep-generations", "1"],
    found: [2, 3],
    ends: [3],
    installed: SECOND.filter((name) => name !== "toy@1.0.0"),
  },
  {
    name: "verify --repair",
    from: ({ homes }) => homes.damaged,
    words: () => ["verify", "--repair"],
    found: [2],
    ends: [2],
    installed: SECOND,
  },
  {
    name: "pin",
    from: ({ homes }) => homes.second,
    words: () => ["pin", "vat-2", "toy@2.0.0"],
    found: [2],
    ends: [2],
    installed: SECOND,
  },
  {
    name: "observe",
    from: ({ homes }) => homes.second,
    words: () => ["observe", "170"],
    found: [2],
    ends: [2],
    installed: SECOND,
  },
  {
    // an observation, an upgrade, a proof
    name: "watch --once",
    from: ({ homes }) => homes.behind,
    words: () => ["watch", "--once", "--source", "command:echo 170"],
    found: [1, 2],
    ends: [2],
    installed: SECOND,
  },
  {
    // its claim, a round, its end: the source has it told to end two seconds later
    name: "watch",
    from: ({ homes }) => homes.second,
    words: () => ["watch", "--source", `command:sh -c '${TELL_TO_END}; echo 170'`],
    found: [2],
    ends: [2],
    installed: SECOND,
  },
  {
    name: "hold",
    from: ({ homes }) => homes.second,
    words: () => ["hold", "--until", "24h", "moving the rack"],
    found: [2],
    ends: [2],
    installed: SECOND,
  },
];

const missing = changesMissing();
let stage: (Stage & Disposable) | undefined;

before(async () => {
  if (missing === undefined) stage = await prepareStage();
});
after(() => stage?.[Symbol.dispose]());

function prepared(): Stage {
  if (stage === undefined) throw new Error("Nothing is prepared.");
  return stage;
}

test("the changes that are counted are those that the kernel sees", {
  skip: missing ?? straceMissing() ?? false,
}, async () => {
  const { program, folder } = prepared();
  const scene = join(folder, "seen");
  const [seen, log] = [`${scene}.strace`, `${scene}.log`];
  mkdirSync(join(scene, "tmp"), { recursive: true });
  const { LD_PRELOAD, ...rest } = counted(buildCounter(folder), scene, log);
  const words = [...installWords(prepared()), "toy", "--home", join(scene, "home")];
  await sound(program, words, {
    through: [...traced(seen), "-E", `LD_PRELOAD=${LD_PRELOAD}`],
    env: { TMPDIR: join(scene, "tmp"), ...rest },
  });
  const paths = (changes: readonly { readonly path: string }[]) => changes.map(({ path }) => path);
  const kernel = paths(changesIn(seen, scene));
  assert.ok(kernel.length > 100);
  assert.deepEqual(paths(readChanges(log)), kernel);
});

for (const verb of VERBS) {
  test(`${verb.name}: killed before every change of the disk`, { skip: missing ?? false }, async (context) => {
    const from = verb.from(prepared());
    const baseline = from === undefined ? undefined : lookAt(from);
    const result = await killAtEveryChange({
      program: prepared().program,
      folder: join(prepared().folder, "kills"),
      name: verb.name,
      flushStride: FLUSH_STRIDE,
      arrange: (scene) => {
        if (from !== undefined) copyHome(from, join(scene, "home"));
      },
      words: (scene) => [...verb.words(prepared()), "--home", join(scene, "home")],
      check: (scene, point) => checkHome(verb, join(scene, "home"), baseline, point),
    });
    conclude(context, result);
  });
}

test("repo sign: killed before every change of the disk", { skip: missing ?? false }, async (context) => {
  const { program, folder, keys, repositories } = prepared();
  const words = (scene: string) => ["repo", "sign", join(scene, "repository"), "--keys-dir", keys, "--epoch", "150"];
  const result = await killAtEveryChange({
    program,
    folder: join(folder, "kills"),
    name: "repo sign",
    flushStride: FLUSH_STRIDE,
    arrange: (scene) => cpSync(repositories.draft, join(scene, "repository"), { recursive: true }),
    words,
    check: async (scene, point) => await checkRepository(scene, words(scene), point),
  });
  conclude(context, result);
});

function conclude(
  context: Parameters<typeof tally>[0],
  { changes, points, strided, missed, broken }: Awaited<ReturnType<typeof killAtEveryChange>>,
): void {
  context.diagnostic(`${points} kill points of ${changes} changes`);
  tally(context, {
    cases: points,
    leftOut: [
      { count: strided, why: `flushes, of which one in ${FLUSH_STRIDE} is taken: a kill shows no flush` },
      { count: missed.length, why: "points before which it had ended" },
    ],
  });
  for (const one of missed) context.diagnostic(`not hit: ${one}`);
  requireNone(broken);
}

async function checkHome(
  verb: Verb,
  home: string,
  baseline: ReturnType<typeof lookAt> | undefined,
  point: number,
): Promise<readonly string[]> {
  const known = new Set(baseline?.problems ?? []);
  const found = lookAt(home, baseline?.rooted);
  const broken = found.problems.filter((problem) => !known.has(problem)).map((problem) => `after the kill: ${problem}`);
  if (!verb.found.includes(found.newest)) broken.push(`after the kill: the newest generation is ${found.newest}`);

  letLockAge(home);
  const words = [...(verb.next ?? verb.words)(prepared()), "--home", home];
  const next = await run(prepared().program, words);
  if (next.status !== 0) return [...broken, `next: ${told(next)}`];
  const then = lookAt(home, found.rooted);
  broken.push(...then.problems.map((problem) => `after the next command: ${problem}`));
  if (!verb.ends.includes(then.newest ?? 0))
    broken.push(`after the next command: the newest generation is ${then.newest}`);
  const installed = installedIn(home);
  if (`${installed}` !== `${verb.installed}`) broken.push(`after the next command: installed are ${installed}`);
  return point % SWEEP_STRIDE === 0 ? [...broken, ...(await checkSweep(home))] : broken;
}

/** An hour later, a prune leaves nothing of the dead. */
async function checkSweep(home: string): Promise<readonly string[]> {
  const staging = join(home, "staging");
  const then = new Date(Date.now() - 7_200_000);
  for (const name of readdirSync(staging)) lutimesSync(join(staging, name), then, then);
  const pruned = await run(prepared().program, ["prune", "--home", home]);
  if (pruned.status !== 0) return [`sweep: ${told(pruned)}`];
  const left = ["staging", "marks", "leases"].flatMap((folder) =>
    readdirSync(join(home, folder)).map((name) => `${folder}/${name}`),
  );
  return [
    ...left.map((name) => `${name} is left after the sweep`),
    ...lookAt(home).problems.map((problem) => `after the sweep: ${problem}`),
  ];
}

function installedIn(home: string): readonly string[] {
  const engines = readdirSync(join(home, "engines")).sort();
  return engines.flatMap((engine) =>
    readdirSync(join(home, "engines", engine))
      .sort()
      .map((version) => `${engine}@${version}`),
  );
}

/** Clients take the old or the new; signing again ends it. */
async function checkRepository(scene: string, words: readonly string[], point: number): Promise<readonly string[]> {
  const repository = join(scene, "repository");
  const found = lookAtRepository(repository);
  const broken = found.problems.map((problem) => `after the kill: ${problem}`);
  const serial = found.serials["toys"] ?? 0;
  if (serial !== 2 && serial !== 3) broken.push(`after the kill: serial ${serial}`);
  if (point % SWEEP_STRIDE === 0) broken.push(...(await checkClient(scene, serial)));
  letLockAge(join(repository, ".draft"));
  const next = await run(prepared().program, words);
  if (next.status !== 0) return [...broken, `next: ${told(next)}`];
  const then = lookAtRepository(repository);
  if (then.serials["toys"] !== 3) broken.push(`after the next command: serial ${then.serials["toys"]}`);
  return [...broken, ...then.problems.map((problem) => `after the next command: ${problem}`)];
}

async function checkClient(scene: string, serial: number): Promise<readonly string[]> {
  const home = join(scene, "home");
  copyHome(prepared().homes.second, home, join(scene, "repository"));
  const upgraded = await run(prepared().program, ["upgrade", "--home", home]);
  if (upgraded.status !== 0) return [`client: ${told(upgraded)}`];
  const { problems, newest } = lookAt(home);
  if (newest !== serial) return [`client: generation ${newest} of serial ${serial}`];
  return problems.map((problem) => `client: ${problem}`);
}
