import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Pin } from "../core/model/home.ts";
import { checkTenant } from "../core/names.ts";
import { quote } from "../core/quote.ts";
import { releaseName } from "../core/release-name.ts";
import { compareVersions } from "../core/version.ts";
import type { Home } from "../store/home.ts";
import { record } from "./commit.ts";
import { withLock } from "./locking.ts";
import type { ChangeRequest, HomeRequest, PinChangeRequest, PinRequest, PinResult } from "./operator.ts";
import { requireEngine, requireInstalled } from "./requirements.ts";
import { renewSnapshot, takeSnapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/** Flushed together and told in one line of the ledger: what a crash can leave untold. */
const BATCH = 1_000;
/** Characters of tenants in one line of the ledger: a record has a greatest size. */
const BATCH_TEXT = 128 * 1024;

/**
 * States durably that each tenant uses exactly that release (docs/operations/pin.md). All are checked before the first is written.
 * A tenant that is pinned to a later version stays there unless `force` says why. Cost: one file read and, where it differs, one
 * written a pin. Errors: `pin-not-installed`, `unknown-engine`, `unknown-version`, `marked`, `usage` where two contradict each other.
 */
export async function pin(world: World, request: PinChangeRequest): Promise<PinResult> {
  const before = takeSnapshot(world, request);
  const { home } = before;
  if (request.dryRun) return { ...planOf(world, before, request).result, dryRun: true };
  return await withLock(world, home, "pin", async () => {
    // the newest generation is read under the lock: a release that prune took meanwhile is not promised
    const { result, changes } = planOf(world, renewSnapshot(world, request, before), request);
    for (const batch of batchesOf(changes)) await write(world, home, batch, request.force);
    return result;
  });
}

/** Cost: one file, whatever the number of pins. Errors: `unknown-tenant`. */
export async function unpin(
  world: World,
  request: ChangeRequest & { readonly tenant: string; readonly engine: string },
): Promise<PinResult> {
  const { home } = takeSnapshot(world, request);
  const { tenant, engine } = request;
  const found = pinOf(home, tenant, engine);
  if (found === undefined) {
    throw new EngineryError("unknown-tenant", `${quote(tenant)} has no pin for ${engine}.`, {
      context: { tenant, engine },
    });
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

/** By tenant, then engine. Cost: one file read a pin. Errors: `home-damaged`, `unknown-engine`. */
export async function pins(
  world: World,
  { engine, ...request }: HomeRequest & { readonly engine?: string | undefined },
): Promise<{ readonly pins: readonly Pin[] }> {
  const { home, manifest, newest } = takeSnapshot(world, request);
  const found = [...home.pins.all()].filter((pin) => engine === undefined || pin.engine === engine);
  if (engine !== undefined && found.length === 0) requireEngine(manifest, newest, engine);
  return { pins: found.sort(byTenant) };
}

/** A pin to write, and what it takes the place of. */
interface Change {
  readonly hash: string;
  readonly wanted: Pin;
  readonly before: Pin | undefined;
}

function planOf(
  world: World,
  snapshot: ReturnType<typeof takeSnapshot>,
  { pins: asked, force }: PinChangeRequest,
): { readonly result: PinResult; readonly changes: readonly Change[] } {
  const holds: Pin[] = [];
  const changes: Change[] = [];
  const stays: { tenant: string; engine: string; version: string; asked: string }[] = [];
  for (const [hash, wanted] of wantedPins(world, snapshot, asked)) {
    const { tenant, engine, version } = wanted;
    const found = pinOf(snapshot.home, tenant, engine);
    const before = found === "damaged" ? undefined : found;
    if (before !== undefined && force === undefined && compareVersions(version, before.version) < 0) {
      stays.push({ tenant, engine, version: before.version, asked: version });
      holds.push(before);
    } else if (before?.tree === wanted.tree && before.version === version) {
      holds.push(before);
    } else {
      changes.push({ hash, wanted, before });
      holds.push(wanted);
    }
  }
  // in the order of the folders that they lie in: a batch then flushes few of them
  changes.sort((one, other) => (one.hash < other.hash ? -1 : 1));
  return { result: { pins: holds, changed: changes.length, stays }, changes };
}

/** By hash, in the order of asking. Errors: as `pin`. */
function wantedPins(
  world: World,
  { manifest, newest, home }: ReturnType<typeof takeSnapshot>,
  asked: readonly PinRequest[],
): ReadonlyMap<string, Pin> {
  const at = new Date(world.clock.now()).toISOString();
  const trees = new Map<string, string>();
  const wanted = new Map<string, Pin>();
  for (const { tenant, engine, version } of asked) {
    checkTenant(tenant);
    const name = releaseName({ engine, version });
    const tree = trees.get(name) ?? requireInstalled(manifest, newest, engine, version, "pin-not-installed").tree;
    trees.set(name, tree);
    const hash = home.pins.hash(tenant, engine);
    const other = wanted.get(hash);
    if (other !== undefined && other.version !== version) {
      const message = `${quote(tenant)} is to be pinned to ${name} and to ${releaseName(other)}.`;
      throw new EngineryError("usage", message, { hint: "Name each tenant once for an engine.", context: { tenant } });
    }
    wanted.set(hash, { format: 1, tenant, engine, version, tree, at });
  }
  return wanted;
}

function* batchesOf(changes: readonly Change[]): Generator<readonly Change[], void> {
  let batch: Change[] = [];
  let text = 0;
  for (const change of changes) {
    batch.push(change);
    text += change.wanted.tenant.length;
    if (batch.length < BATCH && text < BATCH_TEXT) continue;
    yield batch;
    batch = [];
    text = 0;
  }
  if (batch.length > 0) yield batch;
}

/** pin.md 2: a pin is a claim: written, then the marks are looked at; marked: withdrawn. */
async function write(world: World, home: Home, changes: readonly Change[], force: string | undefined): Promise<void> {
  await home.pins.putAll(changes.map(({ wanted }) => wanted));
  const lost = new Map<string, string>();
  for (const [name, { engine, version, tree }] of new Map(changes.map((change) => [nameOf(change), change.wanted]))) {
    // a prune that was through before we looked has taken its mark away again, and the installation with it
    if (home.marks.get(engine, version) !== undefined) lost.set(name, "is about to be removed");
    else if (home.installations.seal(engine, version)?.tree !== tree) lost.set(name, "is no longer on disk as it was");
  }
  const isLost = (change: Change) => lost.has(nameOf(change));
  const withdrawn = changes.filter(isLost);
  for (const { wanted, before } of withdrawn) {
    if (before === undefined) home.pins.remove(wanted.tenant, wanted.engine);
    else home.pins.put(before);
  }
  const held = changes.filter((change) => !isLost(change));
  tell(world, home, held, force);
  const [first] = withdrawn;
  if (first === undefined) return;
  const name = nameOf(first);
  const others = withdrawn.length > 1 ? ` and ${withdrawn.length - 1} more` : "";
  throw new EngineryError(
    "marked",
    `${name} ${lost.get(name)}; ${quote(first.wanted.tenant)}${others} was not pinned to it.`,
  );
}

/** One line a batch, with all that `doctor` needs to write a pin anew. */
function tell(world: World, home: Home, changes: readonly Change[], force: string | undefined): void {
  const [first] = changes;
  if (first === undefined) return;
  const { tenant, engine, version, tree } = first.wanted;
  const releases = [...Map.groupBy(changes, nameOf).values()].map((some) => {
    const { engine, version, tree } = (some[0] ?? first).wanted;
    return { engine, version, tree, tenants: some.map(({ wanted }) => wanted.tenant) };
  });
  record(world, home, world.identifiers.operation(), "pin", {
    ...(changes.length === 1 ? { tenant, engine, version, tree } : { releases }),
    ...(force === undefined ? {} : { reasons: { force } }),
  });
}

function nameOf({ wanted }: Change): string {
  return releaseName(wanted);
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
