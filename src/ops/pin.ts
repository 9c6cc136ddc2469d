import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Pin } from "../core/model/home.ts";
import { checkTenant } from "../core/names.ts";
import type { Home } from "../store/home.ts";
import { record } from "./commit.ts";
import { withLock } from "./locking.ts";
import type { ChangeRequest, HomeRequest, PinRequest, PinResult } from "./operator.ts";
import { requireInstalled } from "./requirements.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/**
 * States durably that each tenant uses exactly that release (docs/operations/pin.md). All are checked before the first is
 * written. Errors: `pin-not-installed`, `unknown-engine`, `unknown-version`, `marked`.
 */
export async function pin(
  world: World,
  request: ChangeRequest & { readonly pins: readonly PinRequest[] },
): Promise<PinResult> {
  const before = takeSnapshot(world, request);
  const { home } = before;
  if (request.dryRun) return answer(pinsOf(world, before, request.pins), home, true);
  return await withLock(world, home, "pin", () => {
    // the newest generation is read under the lock: a release that prune took meanwhile is not promised
    const snapshot = takeSnapshot(world, request);
    const pins = pinsOf(world, snapshot, request.pins);
    const result = answer(pins, home, false);
    for (const wanted of pins) write(world, home, wanted);
    return result;
  });
}

/** Errors: `unknown-tenant`. */
export async function unpin(
  world: World,
  request: ChangeRequest & { readonly tenant: string; readonly engine: string },
): Promise<PinResult> {
  const { home } = takeSnapshot(world, request);
  const { tenant, engine } = request;
  const found = pinOf(home, tenant, engine);
  if (found === undefined) {
    throw new EngineryError("unknown-tenant", `${tenant} has no pin for ${engine}.`, { context: { tenant, engine } });
  }
  const gone = found === "damaged" ? [] : [found];
  if (request.dryRun) return { pins: gone, changed: 1, dryRun: true };
  return await withLock(world, home, "unpin", () => {
    const removed = home.pins.remove(tenant, engine);
    const version = found === "damaged" ? null : found.version;
    record(world, home, world.identifiers.operation(), "unpin", { tenant, engine, version });
    return { pins: gone, changed: removed ? 1 : 0 };
  });
}

export async function pins(
  world: World,
  request: HomeRequest & { readonly engine?: string | undefined },
): Promise<{ readonly pins: readonly Pin[] }> {
  const { home } = takeSnapshot(world, request);
  const all = [...home.pins.all()].filter(({ engine }) => request.engine === undefined || engine === request.engine);
  return { pins: all.sort(byTenant) };
}

function pinsOf(
  world: World,
  { manifest, newest }: ReturnType<typeof takeSnapshot>,
  wanted: readonly PinRequest[],
): readonly Pin[] {
  const at = new Date(world.clock.now()).toISOString();
  return wanted.map(({ tenant, engine, version }) => {
    checkTenant(tenant);
    const { tree } = requireInstalled(manifest, newest, engine, version, "pin-not-installed");
    return { format: 1, tenant, engine, version, tree, at };
  });
}

/** pin.md 2: the pin is a claim: written, then the marks are looked at; marked: withdrawn. */
function write(world: World, home: Home, wanted: Pin): void {
  const found = pinOf(home, wanted.tenant, wanted.engine);
  const before = found === "damaged" ? undefined : found;
  if (before?.tree === wanted.tree) return;
  home.pins.put(wanted);
  const { tenant, engine, version } = wanted;
  const isMarked = home.marks.get(engine, version) !== undefined;
  // a prune that was through before we looked has taken its mark away again, and the installation with it
  if (isMarked || home.installations.seal(engine, version)?.tree !== wanted.tree) {
    if (before === undefined) home.pins.remove(tenant, engine);
    else home.pins.put(before);
    const what = isMarked ? "is about to be removed" : "is no longer on disk as it was";
    throw new EngineryError("marked", `${engine}@${version} ${what}; ${tenant} was not pinned to it.`);
  }
  record(world, home, world.identifiers.operation(), "pin", { tenant, engine, version, tree: wanted.tree });
}

function answer(wanted: readonly Pin[], home: Home, dryRun: boolean): PinResult {
  const changed = wanted.filter(({ tenant, engine, tree }) => {
    const found = pinOf(home, tenant, engine);
    return found === "damaged" || found?.tree !== tree;
  }).length;
  return { pins: wanted, changed, ...(dryRun ? { dryRun: true as const } : {}) };
}

/** One that cannot be read is replaced or removed by whoever says again what it should be. */
function pinOf(home: Home, tenant: string, engine: string): Pin | "damaged" | undefined {
  try {
    return home.pins.get(tenant, engine);
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return "damaged";
    throw error;
  }
}

function byTenant(one: Pin, other: Pin): number {
  const [left, right] = [`${one.tenant}\0${one.engine}`, `${other.tenant}\0${other.engine}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
