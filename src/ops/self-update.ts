import { EngineryError } from "../core/errors.ts";
import type { Generation } from "../core/model/home.ts";
import type { Version } from "../core/model/manifest.ts";
import { cameBy, offeredVersion, SELF_CHANNEL, SELF_ENGINE, updateHint } from "../core/self-update.ts";
import { compareVersions } from "../core/version.ts";
import { openReceipt } from "../store/receipt.ts";
import { type SelfFolder, selfFolder } from "../store/self.ts";
import { requireSafePlace } from "./home-dangers.ts";
import { install } from "./install.ts";
import { withLock } from "./locking.ts";
import type { InstallRequest } from "./operator.ts";
import { pruneUnderLock } from "./prune.ts";
import { rollback } from "./rollback.ts";
import { followRepository, homeOfSelf, type Published, publishedFor } from "./self-published.ts";
import type { SelfUpdateRequest, SelfUpdateResult } from "./updating.ts";
import { use } from "./use.ts";
import type { World } from "./world.ts";

/** What a few updates leave in the home of the channel: the release in use, the one before, and what led there. */
const KEEP_GENERATIONS = 6;
const PROBE_MS = 20_000;

/**
 * Takes the highest release of Enginery's own channel (docs/operations/self-update.md): trusted, staged, proved and committed as every engine
 * is; then one rename has the command lead to it. Errors: `refused` where it came by other ways than install.sh, and those of `install`.
 */
export async function selfUpdate(world: World, request: SelfUpdateRequest): Promise<SelfUpdateResult> {
  const { self, repository } = placeOf(world, request);
  const inUse = self.inUse();
  if (inUse === undefined) throw strayCommand(self);
  // what the command leads to, whoever runs this
  const before = { from: self.versionOf(inUse) ?? world.version, path: inUse };
  if (request.rollback) return await goBack(world, request, self, before);
  const published = await publishedFor(world, request, self, repository);
  const offered = offeredVersion({ ...published, platform: world.host.platform, version: before.from }) ?? null;
  const to = request.to ?? offered;
  const stays = { ...before, to: before.from, offered, changed: false, downloadedBytes: 0 };
  const held = request.to === undefined && to !== null ? heldBy(request, published, to) : undefined;
  if (held !== undefined) return { ...stays, held };
  if (to === null || to === before.from || (request.to === undefined && compareVersions(to, before.from) < 0)) {
    return stays;
  }
  if (request.check || request.dryRun) return { ...stays, to, changed: true, ...(request.dryRun ? DRY : {}) };
  // self-update.md 3: as every engine is: staged, read back, proved on this host, committed
  await followRepository(world, self, repository);
  const taken = await install(world, installRequest(world, request, self, repository, to));
  const failure = taken.failed.find(({ version }) => version === to);
  if (failure !== undefined) throw new EngineryError(failure.code, failure.message);
  await use(world, { home: self.home, engine: SELF_ENGINE, version: to, dryRun: false });
  const path = await switchTo(world, self, installedFile(world, self, to), to);
  await tidy(world, self, [path, inUse]);
  return { ...before, to, offered, path, changed: true, downloadedBytes: taken.downloadedBytes };
}

const DRY = { dryRun: true } as const;

/** Errors: `refused` where the running program is not one that install.sh placed. */
function placeOf(world: World, { receipt: path }: SelfUpdateRequest) {
  const receipt = openReceipt(path, world)?.receipt;
  const program = world.host.program ?? "";
  const by = cameBy(program, receipt);
  if (by !== "release" || receipt?.self === undefined) {
    throw new EngineryError("refused", `${program === "" ? "This program" : program} does not update itself.`, {
      hint: updateHint(by === "release" ? "unknown" : by),
      context: { program, by },
    });
  }
  return { self: selfFolder(receipt.self, world), repository: receipt.repository };
}

function strayCommand({ path }: SelfFolder): EngineryError {
  return new EngineryError("refused", `${path}/bin/enginery does not lead to a file of that folder.`, {
    hint: "Put it right by running install.sh of a release again.",
    context: { path },
  });
}

/** What a rollback has left behind is not taken again by itself. */
function heldBy({ again }: SelfUpdateRequest, { newest, manifest }: Published, to: Version): string | undefined {
  if (again || newest?.holdsSerial === undefined || manifest.serial > newest.holdsSerial) return undefined;
  return `After the rollback ${to} is not taken again; --again takes it.`;
}

function installRequest(
  world: World,
  request: SelfUpdateRequest,
  self: SelfFolder,
  repository: string | undefined,
  version: Version,
): InstallRequest {
  const { offline, allowHttp, allowExpired, noDeltas, config } = request;
  // what the home believes by now goes before what the release brought
  const isFirst = homeOfSelf(world, self)?.newest === undefined;
  return {
    ...{ home: self.home, config, dryRun: false, offline, allowHttp, allowExpired, noDeltas },
    names: [{ engine: SELF_ENGINE, version }],
    ...(isFirst ? { from: repository, channel: SELF_CHANNEL, root: self.root } : {}),
  };
}

function installedFile(world: World, self: SelfFolder, version: Version, generation?: Generation): string {
  const { home, newest } = homeOfSelf(world, self) ?? {};
  const installation = (generation ?? newest)?.installations.find((each) => each.version === version);
  const entry = Object.values(installation?.entries ?? {}).find(({ kind }) => kind === "executable");
  if (home === undefined || entry === undefined) {
    throw new EngineryError("installation-damaged", `${SELF_ENGINE}@${version} has no program to lead to.`, {
      hint: "Ask the publisher; the command is as it was.",
    });
  }
  return `${home.installations.path(SELF_ENGINE, version)}/${entry.path}`;
}

/** self-update.md 5: proved by its own words right before, whatever was proved earlier; then one rename. */
async function switchTo(world: World, self: SelfFolder, file: string, version: Version): Promise<string> {
  requireSafePlace(world, `${self.path}/bin`);
  const ran = await world.children.run(file, ["--version"], {
    env: { PATH: "/usr/bin:/bin", LANG: "C" },
    timeoutMs: PROBE_MS,
    maxOutputBytes: 4096,
    talk: "apart",
  });
  if (ran.outcome !== "exit" || ran.status !== 0 || ran.output.trim() !== `enginery ${version}`) {
    throw new EngineryError("probe-failed", `${file} does not say that it is enginery ${version}.`, {
      hint: "The command is as it was; ask the publisher.",
      context: { file, ...ran },
    });
  }
  const { home } = homeOfSelf(world, self) ?? {};
  // two at once would write the same link
  if (home === undefined) self.leadTo(file);
  else await withLock(world, home, "self-update", () => self.leadTo(file));
  return file;
}

/** What is in use and what was before stay. A failure here is told: the update is done. */
async function tidy(world: World, self: SelfFolder, files: readonly string[]): Promise<void> {
  try {
    self.keepPlaced([...files, ...(world.host.program === undefined ? [] : [world.host.program])]);
    const { home } = homeOfSelf(world, self) ?? {};
    if (home === undefined) return;
    const request = { home: self.home, keepGenerations: KEEP_GENERATIONS, dryRun: false };
    await withLock(world, home, "self-update", () => pruneUnderLock(world, request));
  } catch (error) {
    world.reporter.warn("cleanup", `Older releases of Enginery were not removed: ${String(error)}`);
  }
}

interface Before {
  readonly from: Version;
  readonly path: string;
}

/** The release that was selected before, or what install.sh placed. Fetches nothing. */
async function goBack(
  world: World,
  request: SelfUpdateRequest,
  self: SelfFolder,
  before: Before,
): Promise<SelfUpdateResult> {
  const { home, newest } = homeOfSelf(world, self) ?? {};
  const stays = { ...before, offered: null, downloadedBytes: 0 };
  const numbers = home === undefined || newest === undefined ? [] : home.generations.numbers();
  // a rollback that was cut off before the link was moved is gone on with, and goes no further back
  const said = newest?.selections[SELF_ENGINE];
  // a generation that selects nothing stands for what install.sh placed
  const isDone = said === undefined ? self.placed().some(({ path }) => path === before.path) : said === before.from;
  const isCutOff = newest?.restores !== undefined && !isDone;
  const below = isCutOff ? newest.number + 1 : (newest?.restores ?? newest?.number ?? 0);
  const older = numbers
    .filter((number) => number < below)
    .flatMap((number) => home?.generations.read(number) ?? [])
    .findLast(({ selections, installations }) => {
      const version = selections[SELF_ENGINE];
      return version !== undefined && version !== before.from && installations.some((one) => one.version === version);
    });
  const version = older?.selections[SELF_ENGINE];
  const placed = self.placed().findLast((one) => one.version !== before.from);
  const to = version ?? placed?.version;
  if (to === undefined) {
    throw new EngineryError("unknown-generation", `There is no release before ${before.from} to go back to.`, {
      hint: "Install one with its own install.sh, or: enginery self-update --to VERSION",
    });
  }
  if (request.dryRun || request.check) return { ...stays, to, changed: true, ...(request.dryRun ? DRY : {}) };
  const file = older === undefined ? (placed?.path ?? "") : installedFile(world, self, to, older);
  // the generation first: what is committed holds the release that is left back from being taken again
  const restated = older?.number ?? numbers[0];
  if (restated !== undefined && restated !== newest?.number) {
    await rollback(world, { home: self.home, to: restated, dryRun: false });
  }
  return { ...stays, to, path: await switchTo(world, self, file, to), changed: true };
}
