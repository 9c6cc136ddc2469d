import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Installation } from "../core/model/home.ts";
import type { Version } from "../core/model/manifest.ts";
import { checkSchedule } from "../core/schedule.ts";
import { record } from "./commit.ts";
import { inspectAll } from "./inspect.ts";
import { ledgerMemories, tellBreak } from "./ledger-memory.ts";
import { withLock } from "./locking.ts";
import type { ReleaseName, VerifyProblem, VerifyRequest, VerifyResult } from "./operator.ts";
import { repair } from "./repair.ts";
import { repairManifest, repairTrust } from "./repair-records.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { offlineKeeper } from "./trust-state.ts";
import type { World } from "./world.ts";

/**
 * Re-checks signatures, manifest and every file of every installation (docs/operations/verify.md); expiry is no problem here.
 * Changes nothing unless `repair`. Errors: `unknown-engine`, `unknown-version` for names that are not installed.
 */
export async function verify(world: World, request: VerifyRequest): Promise<VerifyResult> {
  const mends = request.repair && !request.dryRun;
  const fetched = mends ? await repairManifest(world, request) : [];
  const { snapshot, installations, found, mendable } = await inspectNewest(world, request);
  const ledger = checksLedger(request) ? examined(snapshot) : undefined;
  const broken = ledger?.problems ?? [];
  const problems = [...broken, ...mendable];
  const checked = {
    files: total(installations.map(({ files }) => files)),
    bytes: request.quick ? 0 : total(installations.map(({ bytes }) => bytes)),
  };
  if (!mends || (mendable.length === 0 && fetched.length === 0)) {
    return { ...answer(checked, problems, [], request.repair && request.dryRun), ...ledger?.state };
  }
  const repaired = await withLock(world, snapshot.home, "verify --repair", async () => [
    ...fetched,
    ...(await repair(world, request, snapshot, found)),
    ...(request.names.length > 0 ? [] : await repairTrust(world, request, snapshot)),
  ]);
  const operation = world.identifiers.operation();
  record(world, snapshot.home, operation, "repair", {
    repaired: repaired.map(({ engine, version, path }) => ({ engine, version, path })),
  });
  const left = [
    ...(await homeProblems(world, snapshot, request.names)),
    ...broken,
    ...(
      await inspectAll(
        world,
        snapshot,
        found.filter(({ problems }) => problems.length > 0).map(({ installation }) => installation),
        false,
      )
    ).flatMap((inspected) => inspected.problems),
  ];
  return { ...answer(checked, left, repaired, false), ...ledger?.state };
}

const MOST_LOOKS = 5;

/** It holds no lock: what another writer has pruned meanwhile is missing, and nothing is wrong. Then what is newest by now is looked at. */
async function inspectNewest(world: World, request: VerifyRequest) {
  for (let looks = 1; ; looks += 1) {
    const snapshot = takeSnapshot(world, request);
    const installations = chosen(snapshot, request.names);
    // the signatures are checked while other threads hash
    const [found, about] = await Promise.all([
      inspectAll(world, snapshot, installations, request.quick),
      homeProblems(world, snapshot, request.names),
    ]);
    const mendable = [...about, ...found.flatMap((inspected) => inspected.problems)];
    const isNewest = snapshot.home.generations.numbers().at(-1) === snapshot.newest.number;
    if (mendable.length === 0 || isNewest || looks === MOST_LOOKS) return { snapshot, installations, found, mendable };
  }
}

/** Trust set and manifest of the newest generation: signatures, links, hash, schedule rules. */
async function homeProblems(
  world: World,
  { home, newest, manifest, manifestBytes }: Snapshot,
  names: readonly ReleaseName[],
): Promise<readonly VerifyProblem[]> {
  if (names.length > 0) return [];
  const problem = (path: string, kind: VerifyProblem["kind"]): VerifyProblem => ({
    engine: "",
    version: "",
    path,
    kind,
  });
  const problems: VerifyProblem[] = [];
  try {
    checkSchedule(manifest);
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    problems.push(problem(`manifests/${newest.manifest.sha256}.json`, "manifest"));
  }
  const folder = `trust/${String(newest.trustSet).padStart(8, "0")}`;
  try {
    const keeper = await offlineKeeper(world);
    for (const { file } of keeper.check(home.trust.read(newest.trustSet), newest.channel, manifestBytes)) {
      problems.push(problem(`${folder}/${file}`, "signature"));
    }
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    world.reporter.note(error.message);
    problems.push(problem(folder, "signature"));
  }
  return problems;
}

function checksLedger({ names, quick }: VerifyRequest): boolean {
  return names.length === 0 && !quick;
}

/** A broken chain is no more mended here than history is rewritten: `doctor --fix` puts it on record. */
function examined({ home }: Snapshot) {
  const { lines, chainedFrom, sealed, breaks } = home.ledger.examine(ledgerMemories(home));
  const problems = breaks.map(
    (one): VerifyProblem => ({ engine: "", version: "", path: "ledger.jsonl", kind: "ledger", detail: tellBreak(one) }),
  );
  return { problems, state: { chain: { lines, from: chainedFrom ?? null, sealed } } };
}

/** Errors: `unknown-engine`, `unknown-version`. */
export function chosen({ newest }: Pick<Snapshot, "newest">, names: readonly ReleaseName[]): readonly Installation[] {
  if (names.length === 0) return newest.installations;
  const named = names.flatMap(({ engine, version }) => {
    const ofEngine = newest.installations.filter((installation) => installation.engine === engine);
    if (ofEngine.length === 0) throw new EngineryError("unknown-engine", `Nothing of ${engine} is installed.`);
    const matching = ofEngine.filter((installation) => version === undefined || installation.version === version);
    if (matching.length === 0) throw notInstalled(engine, version);
    return matching;
  });
  // one that is named twice is meant once
  return [...new Set(named)];
}

function notInstalled(engine: string, version: Version | undefined): EngineryError {
  return new EngineryError("unknown-version", `${engine}@${version} is not installed.`, {
    hint: `What is: enginery list ${engine}. To have it: enginery install ${engine}@${version}`,
    context: { engine, version },
  });
}

function answer(
  checked: VerifyResult["checked"],
  problems: readonly VerifyProblem[],
  repaired: readonly VerifyProblem[],
  dryRun: boolean,
): VerifyResult {
  return { ok: problems.length === 0, checked, problems, repaired, ...(dryRun ? { dryRun: true as const } : {}) };
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
