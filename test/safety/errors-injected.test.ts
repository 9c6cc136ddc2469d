import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { lookAtRepository } from "./checker/repository.ts";
import { lookAt } from "./checker.ts";
import { forEachOf, run, told } from "./support/run.ts";
import { copyHome, installWords, letLockAge, prepareStage, type Stage } from "./support/scenes.ts";
import { changesIn, mainThreadOf, straceMissing, type TracedCall, traced } from "./support/strace.ts";
import { requireNone, tally } from "./support/tally.ts";

/** The kernel answers errors, in real processes: at sampled calls of each kind, once and from then on. */
const ERRNOS = ["ENOSPC", "EIO", "EACCES", "EROFS", "EMFILE", "EXDEV", "EBUSY", "EPERM"] as const;
/** Calls of each kind, spread over the run. */
const A_KIND = process.env["ENGINERY_SAFETY_FULL"] === undefined ? 3 : 1000;

interface Verb {
  readonly name: string;
  readonly from: (stage: Stage) => string | undefined;
  readonly words: (stage: Stage) => readonly string[];
}

const VERBS: readonly Verb[] = [
  { name: "install", from: () => undefined, words: installWords },
  { name: "upgrade", from: ({ homes }) => homes.behind, words: () => ["upgrade"] },
  {
    name: "prune",
    from: ({ homes }) => homes.second,
    words: () => ["prune", "--before", "100", "--keep-generations", "1"],
  },
  { name: "pin", from: ({ homes }) => homes.second, words: () => ["pin", "vat-2", "toy@2.0.0"] },
];

const missing = straceMissing();
let stage: (Stage & Disposable) | undefined;

before(async () => {
  if (missing === undefined) stage = await prepareStage();
});
after(() => stage?.[Symbol.dispose]());

function prepared(): Stage {
  if (stage === undefined) throw new Error("Nothing is prepared.");
  return stage;
}

for (const verb of VERBS) {
  test(`${verb.name}: the kernel refuses`, { skip: missing ?? false }, async (context) => {
    const from = verb.from(prepared());
    const baseline = from === undefined ? undefined : lookAt(from);
    await refuseEverywhere(context, verb.name, {
      arrange: (scene) => {
        if (from !== undefined) copyHome(from, join(scene, "home"));
      },
      words: (scene) => [...verb.words(prepared()), "--home", join(scene, "home")],
      found: (scene) => {
        const { problems, newest } = lookAt(join(scene, "home"), baseline?.rooted);
        return (newest ?? 0) < (baseline?.newest ?? 0) ? [...problems, `generation ${newest}`] : problems;
      },
      locked: (scene) => join(scene, "home"),
    });
  });
}

test("repo sign: the kernel refuses", { skip: missing ?? false }, async (context) => {
  const { keys, repositories } = prepared();
  await refuseEverywhere(context, "repo-sign", {
    arrange: (scene) => cpSync(repositories.draft, join(scene, "repository"), { recursive: true }),
    words: (scene) => ["repo", "sign", join(scene, "repository"), "--keys-dir", keys, "--epoch", "150"],
    found: (scene) => lookAtRepository(join(scene, "repository")).problems,
    locked: (scene) => join(scene, "repository", ".draft"),
  });
});

interface Scenario {
  arrange(scene: string): void;
  words(scene: string): readonly string[];
  found(scene: string): readonly string[];
  /** The folder whose writer lock may be left. */
  locked(scene: string): string;
}

async function refuseEverywhere(context: Parameters<typeof tally>[0], name: string, scenario: Scenario): Promise<void> {
  const { program, folder } = prepared();
  const sceneOf = (point: string): string => {
    const scene = join(folder, "errors", name, point);
    mkdirSync(join(scene, "tmp"), { recursive: true });
    scenario.arrange(scene);
    return scene;
  };
  const planned = sceneOf("plan");
  const log = `${planned}.log`;
  const env = (scene: string) => ({ TMPDIR: join(scene, "tmp") });
  await run(program, scenario.words(planned), { through: traced(log), env: env(planned) });
  const calls = sampled(changesIn(log, planned).filter(({ thread }) => thread === mainThreadOf(log)));

  const broken: string[] = [];
  let cases = 0;
  let missed = 0;
  await forEachOf(calls, 2, async ({ call, nth, path }, index) => {
    // A lasting refusal to write would refuse what Node writes to itself to wake its threads, and it would wait for ever.
    for (const lasting of call === "write" ? [false] : [false, true]) {
      const errno = ERRNOS[(index + (lasting ? 3 : 0)) % ERRNOS.length] ?? "EIO";
      const scene = sceneOf(`${index}-${lasting}`);
      const own = `${scene}.log`;
      const rule = `${call}:error=${/sync/.test(call) ? "EIO" : errno}:when=${nth}${lasting ? "+" : ""}`;
      const ran = await run(program, scenario.words(scene), { through: traced(own, rule), env: env(scene) });
      const refused = readFileSync(own, "utf8")
        .split("\n")
        .filter((line) => line.includes("(INJECTED)"));
      if (refused.length === 0 || refused.some((line) => !line.includes(scene))) {
        // Calls of Node's own shift the count.
        missed++;
        rmSync(scene, { recursive: true, force: true });
        continue;
      }
      cases++;
      const problems = [
        ...clear(ran),
        ...flushedAgain(own),
        ...scenario.found(scene).map((what) => `after it: ${what}`),
      ];
      letLockAge(scenario.locked(scene));
      const next = await run(program, scenario.words(scene));
      if (next.status !== 0) problems.push(`next: ${told(next)}`);
      problems.push(...scenario.found(scene).map((what) => `at the end: ${what}`));
      broken.push(...problems.map((what) => `${name}, ${rule} (${path}): ${what}`));
      rmSync(scene, { recursive: true, force: true });
    }
  });
  tally(context, { cases, leftOut: [{ count: missed, why: "errors that met a call of Node's own, or none" }] });
  requireNone(broken);
}

/** The first, the last and some between, of each kind. */
function sampled(calls: readonly TracedCall[]): readonly TracedCall[] {
  return [...Map.groupBy(calls, ({ call }) => call).values()].flatMap((kind) => {
    const step = Math.max(1, (kind.length - 1) / Math.max(1, A_KIND - 1));
    const indexes = new Set(Array.from({ length: Math.min(A_KIND, kind.length) }, (_, at) => Math.round(at * step)));
    return [...indexes].flatMap((at) => kind[at] ?? []);
  });
}

/** Done, or said in our words; never a bug of ours, never a stack. Node itself failing to load is not ours to say. */
function clear(ran: Awaited<ReturnType<typeof run>>): readonly string[] {
  if (ran.status === 0) return [];
  const isClear = [3, 5, 6, 7].includes(ran.status ?? 1) && /^enginery: error [a-z-]+/m.test(ran.stderr);
  return isClear && !/^ {4}at /m.test(ran.stderr) ? [] : [told(ran)];
}

/** A file whose flush failed is not flushed again: the kernel may have dropped what it could not write. */
function flushedAgain(log: string): readonly string[] {
  const flushes = [...readFileSync(log, "utf8").matchAll(/^\d+ +f(?:data)?sync\(\d+<([^>]*)>\)\s+= (.*)$/gm)];
  const failed = flushes.findIndex(([, , answer]) => answer?.includes("(INJECTED)"));
  if (failed === -1) return [];
  const path = flushes[failed]?.[1] ?? "";
  if (!/\.[a-z]+$|tmp-/.test(path)) return [];
  return flushes
    .slice(failed + 1)
    .filter(([, other]) => other === path)
    .map(() => `flushed ${path} again`);
}
