import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { MadeThing } from "../core/receipt.ts";
import { type Home, openToExamine } from "../store/home.ts";
import { isAlmostRemoved, removeHome } from "../store/purge.ts";
import { openReceipt, type ReceiptFile } from "../store/receipt.ts";
import { requireSafeHome } from "./home-dangers.ts";
import { locked } from "./locking.ts";
import type { UninstallRequest, UninstallResult } from "./removing.ts";
import type { World } from "./world.ts";

/**
 * Removes what the receipt lists, and nothing else; with `purge` the home as well (docs/operations/uninstall.md).
 * Errors: `missing` where there is no receipt, `refused`, `document-invalid`; of --purge `claimed`, `busy`, `not-a-home`, `permission`.
 */
export async function uninstall(world: World, request: UninstallRequest): Promise<UninstallResult> {
  const file = openReceipt(request.receipt, world);
  const home = request.purge ? homeToPurge(world, request.home) : undefined;
  const isLeft = request.purge && home === undefined && isAlmostRemoved(world.fileSystem, request.home);
  if (file === undefined && home === undefined && !isLeft) throw noReceipt(world, request);
  // uninstall.md 1: who is refused is refused before anything went
  if (home !== undefined) requireUnclaimed(home);
  const things = file === undefined ? [] : file.receipt.made.toReversed();
  const judged = things.map((thing) => ({ thing, verdict: file?.judge(thing) }));
  const kept = judged.flatMap(({ thing, verdict }) =>
    verdict?.what !== "keep" || (request.purge && thing.kind === "home" && thing.path === request.home)
      ? []
      : [{ kind: thing.kind, path: thing.path, why: verdict.why }],
  );
  const toRemove = judged.flatMap(({ thing, verdict }) => (verdict?.what === "remove" ? [thing] : []));
  const planned = { removed: toRemove.map(named), kept };
  if (request.dryRun) {
    const purged = home === undefined && !isLeft ? null : { path: request.home, freedBytes: 0 };
    return { ...planned, home: purged, dryRun: true };
  }
  const purged = home === undefined ? removeLeft(world, request.home, isLeft) : await purge(world, home);
  const removed = file === undefined ? [] : removeThings(file, toRemove);
  return { removed, kept, home: purged };
}

/** uninstall.md 3: the receipt goes once all else is gone, and then the folders that it was the last in. */
function removeThings(file: ReceiptFile, things: readonly MadeThing[]): UninstallResult["removed"] {
  const removed = things.filter((thing) => file.remove(thing));
  file.discard(removed);
  const folders = file.receipt.made.toReversed().filter(({ kind }) => kind === "folder");
  const then = folders.filter((thing) => file.judge(thing).what === "remove" && file.remove(thing));
  return [...removed, ...then].map(named);
}

function named({ kind, path }: MadeThing) {
  return { kind, path };
}

/** Undefined where there is none, or what an interrupted purge left has gone meanwhile. Errors: `not-a-home`, `home-newer`. */
function homeToPurge(world: World, path: string): Home | undefined {
  try {
    return openToExamine(path, world).home;
  } catch (error) {
    if (isEngineryError(error, "no-home")) return undefined;
    throw error;
  }
}

/** uninstall.md 2: marks first, then every claim is read again; a claimant does it the other way round. */
async function purge(world: World, home: Home): Promise<NonNullable<UninstallResult["home"]>> {
  requireSafeHome(world, home);
  return await locked(world, home, "uninstall --purge", () => {
    const operation = world.identifiers.operation();
    const installations = home.installations.list();
    for (const { engine, version } of installations) home.marks.put(engine, version, operation);
    try {
      requireUnclaimed(home);
    } catch (error) {
      for (const { engine, version } of installations) home.marks.remove(engine, version, operation);
      throw error;
    }
    for (const { id } of claimsOn(home)) if (home.leases.isOursToRemove(id)) home.leases.remove(id);
    return removed(world, home.path);
  });
}

/** uninstall.md 2: of a purge that was killed at its very end, whose lock nobody holds any more. */
function removeLeft(world: World, path: string, isLeft: boolean): UninstallResult["home"] {
  return isLeft ? removed(world, path) : null;
}

function removed({ fileSystem, reporter }: World, path: string): NonNullable<UninstallResult["home"]> {
  const freedBytes = removeHome(fileSystem, path);
  if (fileSystem.status(path) !== undefined) {
    reporter.warn("cleanup", `${path} is empty and stays: it is a mount point, or its parent may not be changed.`);
  }
  return { path, freedBytes };
}

/** Where an interrupted purge left no installation nothing is claimed, and what said where leases lie may be gone. */
function claimsOn({ installations, leases }: Home): ReturnType<Home["leases"]["all"]> {
  return installations.list().length === 0 ? [] : leases.all();
}

/** Errors: `claimed`, naming the processes. */
function requireUnclaimed(home: Home): void {
  const { path, leases } = home;
  const claims = claimsOn(home).filter((lease) => leases.state(lease) !== "gone");
  const [first] = claims;
  if (first === undefined) return;
  const others = claims.length === 1 ? "" : `, and ${claims.length - 1} more`;
  throw new EngineryError(
    "claimed",
    `${first.engine}@${first.version} is claimed by process ${first.pid}${others}: ${path} is not removed.`,
    { context: { path, leases: claims.map(({ id, engine, version, pid }) => ({ id, engine, version, pid })) } },
  );
}

function noReceipt({ host }: World, { receipt, home, purge: wanted }: UninstallRequest): EngineryError {
  const hint = host.platform.startsWith("win32")
    ? "On Windows run install.ps1 -Uninstall; what npm installed: npm uninstall --global enginery."
    : "Only install.sh writes one: where it was told another place, give --receipt FILE. What npm installed: npm uninstall --global enginery";
  const what = wanted ? `receipt ${receipt}, and no home ${home}: nothing says what to remove` : `receipt ${receipt}`;
  return new EngineryError("missing", `There is no ${what}.`, { hint, context: { receipt } });
}
