import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Looked, lookAt } from "./checker.ts";
import { type Halt, halted, removingLock, runAhead } from "./races/halted.ts";
import { type Ran, run, told } from "./support/run.ts";
import { copyHome, letLockAge, prepareStage, type Stage } from "./support/scenes.ts";
import { requireNone, tally } from "./support/tally.ts";

const missing = process.platform === "win32" ? "signals that stop a process are of POSIX" : undefined;
let stage: Stage & Disposable;

before(async () => {
  if (missing === undefined) stage = await prepareStage();
});
after(() => stage?.[Symbol.dispose]());

/** Sixteen that get in each other's way. */
const CROWD: readonly (readonly string[])[] = [
  ["upgrade"],
  ["upgrade", "--again"],
  ["upgrade", "--no-prune"],
  ["install", "toy@1.0.0"],
  ["install"],
  ["rollback"],
  ["rollback", "--to", "1"],
  ["prune", "--before", "100", "--keep-generations", "1"],
  ["prune"],
  ["pin", "vat-3", "toy@2.0.0"],
  ["pin", "vat-4", "toy@1.0.0"],
  ["unpin", "vat-1", "rig"],
  ["observe", "160"],
  ["observe", "170"],
  ["use", "rig@1.0.0"],
  ["verify", "--repair"],
];
/** Another writer was first, or what it asks for is not (any more) so: each says which. */
const CLEAR = [
  ...["busy", "commit-lost", "marked"],
  ...["refused", "observation-lower", "release-not-installed", "pin-not-installed", "rollback-loses-epoch"],
  ...["unknown-generation", "unknown-tenant"],
];

for (const lock of ["with the lock", "while the lock's folder is removed all the time"] as const) {
  test(`${CROWD.length} writers at once ${lock}`, { skip: missing ?? false }, async (context) => {
    const home = join(stage.folder, "crowd");
    const broken: string[] = [];
    const statuses: (number | null)[] = [];
    for (const begin of [stage.homes.behind, stage.homes.second]) {
      rmSync(home, { recursive: true, force: true });
      copyHome(begin, home);
      // Going back and pruning may leave out what was deployed, and never what is pinned.
      const pinned = lookAt(home).rooted.filter(({ by }) => by.startsWith("pin "));
      using _removing = lock === "with the lock" ? undefined : removingLock(home);
      const answers = await Promise.all(CROWD.map((words) => run(stage.program, [...words, "--home", home])));
      statuses.push(...answers.map(({ status }) => status));
      broken.push(...answers.flatMap(unclear), ...lookAt(home, pinned).problems);
      broken.push(...(await afterwards(home)));
    }
    context.diagnostic(`answers: ${statuses.join(" ")}`);
    tally(context, { cases: statuses.length });
    requireNone(broken);
  });
}

/** Where the one that holds the lock sleeps. */
const HALTS: readonly { readonly words: readonly string[]; readonly halt: Halt }[] = [
  { words: ["upgrade"], halt: { call: "linkSync", path: "generations/" } },
  { words: ["upgrade"], halt: { call: "renameSync", path: "/engines/toy/3.0.0" } },
  { words: ["rollback"], halt: { call: "linkSync", path: "generations/" } },
  {
    words: ["prune", "--before", "100", "--keep-generations", "1"],
    halt: { call: "renameSync", path: "/engines/toy/1.0.0" },
  },
  { words: ["prune", "--before", "100", "--keep-generations", "1"], halt: { call: "linkSync", path: "generations/" } },
  { words: ["pin", "vat-4", "toy@1.0.0"], halt: { call: "renameSync", path: "/pins/" } },
];
const RIVALS: readonly (readonly string[])[] = [
  ["upgrade", "--again"],
  ["prune", "--before", "100", "--keep-generations", "1"],
  ["install", "toy@1.0.0"],
];

const WAYS: Readonly<Record<string, (home: string, words: readonly string[]) => Promise<Ran>>> = {
  "the holder of the lock slept too long": async (home, words) => {
    letLockAge(home);
    return await run(stage.program, words);
  },
  "the other's clock is an hour ahead": async (_home, words) => await runAhead(stage.program, words),
  "the lock's folder is removed": async (home, words) => {
    rmSync(join(home, ".writer"), { recursive: true, force: true });
    return await run(stage.program, words);
  },
};

for (const [way, enter] of Object.entries(WAYS)) {
  test(`two writers at once, as ${way}`, { skip: missing ?? false }, async (context) => {
    const broken: string[] = [];
    let rounds = 0;
    for (const { words, halt } of HALTS) {
      for (const rival of RIVALS) {
        rounds += 1;
        const name = `${words.join(" ")} stopped before ${halt.call} ${halt.path}, ${rival.join(" ")}`;
        const home = join(stage.folder, `halted-${rounds}`);
        copyHome(words[0] === "rollback" || words[0] === "prune" ? stage.homes.second : stage.homes.behind, home);
        const before = lookAt(home);
        const sleeper = await halted(
          stage.program,
          [...words, "--home", home],
          halt,
          join(stage.folder, `told-${way}-${rounds}`),
        );
        const other = await enter(home, [...rival, "--home", home]);
        const between = lookAt(home, before.rooted);
        const first = await sleeper.goOn();
        const wrong = [
          ...[other, first].flatMap(unclear),
          ...unsealed(between),
          ...lookAt(home, between.rooted).problems,
        ];
        wrong.push(...(await afterwards(home)));
        broken.push(...wrong.map((what) => `${name}: ${what}`));
        rmSync(home, { recursive: true, force: true });
      }
    }
    context.diagnostic(`${rounds} rounds`);
    tally(context, { cases: rounds });
    requireNone(broken);
  });
}

/** While one sleeps, launchers and links may wait for it; what is installed and what a generation names may not. */
function unsealed({ problems }: Looked): readonly string[] {
  return problems.filter((problem) => !/^(bin|lib|index)\//.test(problem)).map((problem) => `between: ${problem}`);
}

function unclear(ran: Ran): readonly string[] {
  const code = /^enginery: error ([a-z-]+) /m.exec(ran.stderr)?.[1];
  return ran.status === 0 || CLEAR.includes(code ?? "") ? [] : [told(ran)];
}

/** The next commands work, and the home stays sound. */
async function afterwards(home: string): Promise<readonly string[]> {
  const next = await run(stage.program, ["upgrade", "--again", "--home", home]);
  const verified = await run(stage.program, ["verify", "--home", home]);
  const failed = [next, verified].filter(({ status }) => status !== 0).map((ran) => `afterwards: ${told(ran)}`);
  return [...failed, ...lookAt(home).problems.map((problem) => `afterwards: ${problem}`)];
}
