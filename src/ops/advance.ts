import { EngineryError } from "../core/errors.ts";
import { mergeInstallations } from "../core/merge-installations.ts";
import type { Config, Generation, Installation } from "../core/model/home.ts";
import type { Epoch, Manifest } from "../core/model/manifest.ts";
import { type WantedRelease, wantedReleases } from "../core/wanted.ts";
import type { Fetcher } from "../ports/fetcher.ts";
import type { Home } from "../store/home.ts";
import { commitGeneration, type NextGeneration, record, settle } from "./commit.ts";
import { standingQuarantine } from "./host-quarantine.ts";
import { installationOf, installedRelease, layOut } from "./lay-out.ts";
import type { FailedRelease, InstallResult, ReleaseName, ReleaseWay } from "./operator.ts";
import type { Refreshed } from "./refresh.ts";
import { basesOf } from "./repository-access.ts";
import { DEFAULT_RESERVE_BYTES, requireSpace, spaceNeed } from "./space.ts";
import { wayFinder, wayTaken } from "./ways.ts";
import type { World } from "./world.ts";

/** What `install` and `upgrade` have in common once the manifest is believed: plan, perform, commit, settle. */
export interface Advance {
  readonly homePath: string;
  readonly verb: "install" | "upgrade";
  readonly operation: string;
  readonly config: Config;
  readonly platform: string;
  readonly names: readonly ReleaseName[];
  readonly manifest: Manifest;
  /** The manifest before, of an upgrade: what it had superseded already is not fetched again after a prune. */
  readonly known?: Manifest | undefined;
  /** Undefined where the accepted manifest is used as it is. */
  readonly refreshed: Refreshed | undefined;
  /** The home where there is one, committed to or not. */
  readonly home: Home | undefined;
  readonly base: Base | undefined;
  readonly epoch: Epoch | undefined;
  readonly reasons: Readonly<Record<string, string>>;
  readonly stageOnly: boolean;
  /** Whether files that are here and deltas are made use of. */
  readonly deltas: boolean;
  /** After a rollback: `upgrade` goes on from here, also where there is nothing to lay out. */
  readonly endsHold?: boolean;
  /** The set that the newest generation names is damaged: what was refreshed takes its place where it is for the same manifest. */
  readonly restoresTrust?: boolean;
  readonly fetcher: () => Promise<Fetcher>;
}

/** What is committed now. */
export interface Base {
  readonly home: Home;
  readonly newest: Generation;
}

export interface AdvancePlan {
  readonly wanted: readonly WantedRelease[];
  readonly refused: readonly FailedRelease[];
  readonly space: ReturnType<typeof spaceNeed>;
  /** How what is missing would come. */
  readonly ways: readonly ReleaseWay[];
  /** Whether a new generation would say anything else than the newest. */
  readonly changes: boolean;
}

/** Changes nothing. Errors: `disk-space`; the refusal of a release that is named, in effect or due. */
export function planAdvance(world: World, advance: Advance): AdvancePlan {
  const { base, manifest, names, platform, epoch } = advance;
  const { want, refused } = wantedReleases({
    manifest,
    platform,
    names,
    installed: base === undefined ? [] : presentIn(base),
    pins: base?.home.pins.all() ?? [],
    selections: base?.newest.selections ?? {},
    quarantined: new Set(standingQuarantine(world, advance.home?.quarantine.list() ?? []).map(({ tree }) => tree)),
    epoch,
    leadEpochs: advance.config.leadEpochs,
    known: advance.known,
  });
  for (const refusal of refused) {
    if (!refusal.required && !isNamed(names, refusal)) continue;
    throw new EngineryError(refusal.code, refusal.message, { context: { ...refusal } });
  }
  // a home is made for something: where all is refused, there is nothing to make one for
  if (base === undefined && want.length === 0 && refused.length > 0) throw firstFailure(refused);
  const waysTo = wayFinder(advance.home, advance.deltas);
  const reserve = advance.config.reserveBytes ?? DEFAULT_RESERVE_BYTES;
  const space = spaceNeed(world, advance.homePath, want, reserve, (wanted) => waysTo(wanted)[0].downloadBytes);
  requireSpace(world, advance.homePath, space);
  const missing = want.filter(({ installed }) => !installed);
  const ways = missing.map((wanted) => {
    const { engine, version } = wanted;
    return { engine, version, ...wayTaken(waysTo(wanted)[0]) };
  });
  return { wanted: want, refused, space, ways, changes: changesAnything(advance, want) };
}

/** Whether `performAdvance` would find everything on disk that it writes: what is believed, what is wanted, what is to be told. */
export function writesNothing({ refreshed, endsHold, reasons }: Advance, plan: AdvancePlan): boolean {
  return !plan.changes && refreshed?.isKnown === true && endsHold !== true && Object.keys(reasons).length === 0;
}

/** What a generation names and whose folder is gone is laid out again. */
function presentIn({ home, newest }: Base): readonly Installation[] {
  return newest.installations.filter(({ engine, version }) => home.installations.isThere(engine, version));
}

/** Performs the plan. `lost`: another writer committed meanwhile; read again, plan again. */
export async function performAdvance(
  world: World,
  home: Home,
  advance: Advance,
  plan: AdvancePlan,
): Promise<{ readonly result: InstallResult; readonly generation: Generation | undefined } | "lost"> {
  using claims = new DisposableStack();
  const { refreshed, manifest, operation, verb } = advance;
  // install.md 5: what is believed is kept before anything is laid out, so that no later step can see less
  const trustSet = refreshed === undefined ? (advance.base?.newest.trustSet ?? 0) : home.trust.commit(refreshed.set);
  if (refreshed !== undefined) home.manifests.keep(refreshed.manifestBytes);
  const named = advance.base?.newest;
  if (advance.restoresTrust && refreshed !== undefined && refreshed.manifestSha256 === named?.manifest.sha256) {
    home.trust.restore(named.trustSet, refreshed.set);
  }
  const laid = await layOut(world, home, plan.wanted, {
    operation,
    bases: basesOf(advance.config),
    fetcher: advance.fetcher,
    waysTo: wayFinder(home, advance.deltas),
    reserveBytes: plan.space.reserveBytes,
    claims,
  });
  const failed = [...plan.refused, ...laid.failed];
  const outcome = (generation: Generation | undefined): InstallResult => ({
    generation: generation?.number ?? advance.base?.newest.number ?? 0,
    installed: laid.anew,
    failed,
    late: refreshed?.late ?? [],
    downloadedBytes: laid.downloadedBytes,
    deltas: laid.ways.filter(({ way }) => way === "delta").length,
    ways: laid.ways,
    changed: generation !== undefined || laid.anew.length > 0,
    space: plan.space,
  });
  if (advance.stageOnly || !gains(advance, laid.installations))
    return { result: outcome(undefined), generation: undefined };
  if (laid.installations.length === 0 && failed.length > 0 && advance.base === undefined) throw firstFailure(failed);
  const committed = commitGeneration(
    world,
    home,
    operation,
    advance.base?.newest,
    nextGeneration(advance, trustSet, laid.installations),
    manifest,
  );
  if (committed.outcome === "lost") return "lost";
  const { generation } = committed;
  settle(world, home, generation, manifest, true);
  home.cache.keepRoom();
  record(
    world,
    home,
    operation,
    verb,
    {
      installed: laid.anew.map(({ engine, version, tree }) => ({ engine, version, tree })),
      failed: failed.map(({ engine, version, code }) => ({ engine, version, code })),
      manifest: generation.manifest,
      ...(Object.keys(advance.reasons).length > 0 ? { reasons: advance.reasons } : {}),
    },
    { from: advance.base?.newest.number ?? 0, to: generation.number },
  );
  return { result: outcome(generation), generation };
}

/** What a dry run answers: the same members, nothing changed. */
export function plannedResult(advance: Advance, plan: AdvancePlan): InstallResult {
  const missing = plan.wanted.filter(({ installed }) => !installed);
  return {
    generation: advance.base?.newest.number ?? 0,
    installed: missing.map((wanted) => installedRelease(advance.base?.home, installationOf(wanted), advance.homePath)),
    failed: plan.refused,
    late: advance.refreshed?.late ?? [],
    downloadedBytes: 0,
    deltas: 0,
    ways: plan.ways,
    changed: plan.changes,
    space: plan.space,
    dryRun: true,
  };
}

function nextGeneration(advance: Advance, trustSet: number, laid: readonly Installation[]): NextGeneration {
  const { base, refreshed, manifest } = advance;
  const holds = advance.verb === "install" ? base?.newest.holdsSerial : undefined;
  const late = refreshed?.late ?? [];
  return {
    cause: advance.verb,
    channel: manifest.channel,
    trustSet,
    manifest:
      refreshed === undefined && base !== undefined
        ? base.newest.manifest
        : { serial: manifest.serial, sha256: refreshed?.manifestSha256 ?? "" },
    installations: mergeInstallations(base?.newest.installations ?? [], laid),
    selections: base?.newest.selections ?? {},
    ...(holds === undefined ? {} : { holdsSerial: holds }),
    ...(late.length > 0 ? { late } : {}),
    ...(Object.keys(advance.reasons).length > 0 ? { reasons: advance.reasons } : {}),
  };
}

function changesAnything({ base, refreshed, restoresTrust }: Advance, wanted: readonly WantedRelease[]): boolean {
  if (base === undefined || wanted.some(({ installed }) => !installed)) return true;
  if (restoresTrust) return true;
  if (refreshed === undefined) return false;
  return refreshed.manifestSha256 !== base.newest.manifest.sha256;
}

/** Whether what was really laid out makes the next generation another one than the newest. */
function gains({ base, refreshed, endsHold }: Advance, laid: readonly Installation[]): boolean {
  if (base === undefined || endsHold) return true;
  if (refreshed !== undefined && refreshed.manifestSha256 !== base.newest.manifest.sha256) return true;
  const known = new Set(base.newest.installations.map(({ tree }) => tree));
  return laid.some(({ tree }) => !known.has(tree));
}

function isNamed(names: readonly ReleaseName[], { engine, version }: FailedRelease): boolean {
  return names.some((name) => name.engine === engine && name.version === version);
}

function firstFailure(failed: readonly FailedRelease[]): EngineryError {
  const [first] = failed;
  if (first === undefined) return new EngineryError("internal", "Nothing failed and nothing was laid out.");
  return new EngineryError(first.code, first.message, { context: { failed } });
}
