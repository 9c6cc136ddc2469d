import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Installation } from "../core/model/home.ts";
import { type NeededRelease, neededReleases } from "../core/needed-releases.ts";
import { releaseName } from "../core/release-name.ts";
import { type Inspected, inspectAll } from "./inspect.ts";
import type { ReadyItem, ReadyRequest, ReadyResult } from "./operator.ts";
import { policyOf } from "./prune.ts";
import { homeChecks } from "./ready/home.ts";
import { presentChecks, promiseChecks, type QuarantineFacts, quarantineFacts } from "./ready/release.ts";
import { requireEngine } from "./requirements.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/**
 * Proves that every release that work may ask for would run here (docs/operations/ready.md): there, its hashes true, fit for this host, its entry
 * points started from where they lie; and that the home could go on. Changes nothing, fetches nothing. Cost: reads every file of those
 * releases once (not with `quick`) and starts each of their entry points. Errors: `unknown-engine`, `unknown-version` for names.
 */
export async function ready(world: World, request: ReadyRequest): Promise<ReadyResult> {
  const snapshot = readySnapshot(world, request);
  const { epoch } = snapshot;
  const pins = snapshot.home.pins.survey();
  const needs = namedOf(
    snapshot,
    request,
    neededReleases({
      ...snapshot,
      pins: pins.pins,
      within: request.within,
      policy: policyOf(snapshot.config, {}),
      windowIsSaid: snapshot.config.keepEpochs !== undefined,
    }),
  );
  const installed = new Map(snapshot.newest.installations.map((one) => [releaseName(one), one]));
  const found = await inspectAll(world, snapshot, present(snapshot, needs), request.quick === true);
  const inspected = new Map(found.map((one) => [releaseName(one.installation), one]));
  const quarantine = quarantineFacts(world, snapshot);
  const items: ReadyItem[] = [];
  for (const need of needs) {
    const name = releaseName(need);
    const here = { installation: installed.get(name), inspected: inspected.get(name), quarantine };
    items.push(await itemOf(world, snapshot, need, request, here));
  }
  const home = await homeChecks(world, snapshot, request, needs, pins.damaged);
  return {
    ready: [...items, ...home].every(({ ok }) => ok),
    unit: snapshot.manifest.unit,
    epoch: epoch ?? null,
    items,
    home,
  };
}

/** An observation that cannot be read counts as unknown; the check of the epoch tells of it. */
function readySnapshot(world: World, request: ReadyRequest): Snapshot {
  const snapshot = takeSnapshot(world, request);
  const { home, config, newest, manifest, manifestBytes } = snapshot;
  const told = { home, config, newest, manifest, manifestBytes };
  try {
    return { ...told, epoch: snapshot.epoch };
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return { ...told, epoch: undefined };
    throw error;
  }
}

function namedOf(
  { manifest, newest }: Snapshot,
  { names = [] }: ReadyRequest,
  needs: readonly NeededRelease[],
): readonly NeededRelease[] {
  if (names.length === 0) return needs;
  const found = names.flatMap(({ engine, version }) => {
    requireEngine(manifest, newest, engine);
    const matching = needs.filter((need) => need.engine === engine && (version ?? need.version) === need.version);
    if (matching.length > 0 || version === undefined) return matching;
    throw new EngineryError("unknown-version", `Nothing asks for ${engine}@${version} here.`, {
      hint: "See `enginery ready` for what is asked for.",
      context: { engine, version },
    });
  });
  return needs.filter((need) => found.includes(need));
}

function present({ home, newest }: Snapshot, needs: readonly NeededRelease[]): readonly Installation[] {
  const names = new Set(needs.map(releaseName));
  return newest.installations.filter(
    (one) => names.has(releaseName(one)) && home.installations.isThere(one.engine, one.version),
  );
}

async function itemOf(
  world: World,
  snapshot: Snapshot,
  need: NeededRelease,
  request: ReadyRequest,
  here: {
    readonly installation: Installation | undefined;
    readonly inspected: Inspected | undefined;
    readonly quarantine: QuarantineFacts;
  },
): Promise<ReadyItem> {
  const { pinnedTrees, ...told } = need;
  const { installation, inspected, quarantine } = here;
  const checks = [
    ...promiseChecks(world, snapshot, need, { here: installation, quarantine }),
    ...(inspected === undefined ? [] : await presentChecks(world, snapshot, inspected, request.quick === true)),
  ];
  return { ...told, ok: checks.every(({ ok }) => ok), checks };
}
