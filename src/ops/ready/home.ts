import { isEngineryError } from "../../core/errors.ts";
import type { NeededRelease } from "../../core/needed-releases.ts";
import { platformRelease } from "../../core/platform.ts";
import { quote } from "../../core/quote.ts";
import { releaseName } from "../../core/release-name.ts";
import { asksForEpoch } from "../../core/schedule.ts";
import type { DamagedPin } from "../../store/pins.ts";
import { standingHold } from "../hold.ts";
import { leaseFolderDangers } from "../lease-folder.ts";
import type { ReadyCheck, ReadyRequest } from "../operator.ts";
import type { Snapshot } from "../snapshot.ts";
import { DEFAULT_RESERVE_BYTES, mebibytes, spaceNeed } from "../space.ts";
import type { World } from "../world.ts";
import { missed, passed } from "./checks.ts";
import { trustCheck } from "./trust.ts";

/** What holds once for the home: each engine could go on, and the next release could come. */
export async function homeChecks(
  world: World,
  snapshot: Snapshot,
  request: ReadyRequest,
  needs: readonly NeededRelease[],
  damagedPins: readonly DamagedPin[],
): Promise<readonly ReadyCheck[]> {
  return [
    epochCheck(world, snapshot),
    diskCheck(world, snapshot, needs),
    await trustCheck(world, snapshot, request.trustDays),
    ...pinChecks(damagedPins),
    ...claimChecks(world, snapshot),
    ...lateChecks(snapshot),
    ...heldChecks(world, snapshot),
  ];
}

function epochCheck(world: World, { home, config, manifest, epoch }: Snapshot): ReadyCheck {
  if (epoch === undefined && !asksForEpoch(manifest))
    return passed("epoch", "It is unknown, and no answer depends on it.");
  const observation = observationOf(home);
  if (observation === "damaged") return missed("epoch", "What was observed cannot be read.", "enginery doctor --fix");
  if (observation === undefined) return missed("epoch", `The ${manifest.unit} is unknown.`, "enginery observe EPOCH");
  const age = Math.round((world.clock.now() - Date.parse(observation.at)) / 1000);
  const when = age < 0 ? `${-age} s ahead of this clock` : `${age} s ago`;
  const seen = `${manifest.unit} ${observation.epoch} was observed ${when}`;
  if (epoch !== undefined) return passed("epoch", `${capital(seen)}.`);
  return missed("epoch", `${capital(seen)}, and epochMaxAge is ${config.epochMaxAge} s.`, "enginery observe EPOCH");
}

function observationOf(home: Snapshot["home"]) {
  try {
    return home.clock.read();
  } catch (error) {
    if (isEngineryError(error, "home-damaged")) return "damaged" as const;
    throw error;
  }
}

/** Room for what is still to come, and the reserve beside it. */
function diskCheck(
  world: World,
  { home, config, newest, manifest }: Snapshot,
  needs: readonly NeededRelease[],
): ReadyCheck {
  const installed = new Set(newest.installations.map(releaseName));
  const platform = config.platform ?? world.host.platform;
  const coming = needs.flatMap((need) => {
    const published = installed.has(releaseName(need))
      ? undefined
      : manifest.engines[need.engine]?.releases[need.version];
    const release = published && platformRelease(published, platform);
    return release === undefined ? [] : [{ engine: need.engine, version: need.version, installed: false, release }];
  });
  const reserve = config.reserveBytes ?? DEFAULT_RESERVE_BYTES;
  const { downloadBytes, unpackedBytes, freeBytes, inodes } = spaceNeed(world, home.path, coming, reserve);
  const needed = downloadBytes + unpackedBytes;
  const count = coming.length === 1 ? "1 release to come" : `${coming.length} releases to come`;
  const room = `${mebibytes(freeBytes)} MiB are free; ${mebibytes(needed)} MiB are needed for ${count}, and ${mebibytes(reserve)} MiB in reserve.`;
  if (freeBytes < needed + reserve) return missed("disk", room, "enginery prune");
  const free = world.fileSystem.freeSpace(home.path).inodes;
  if (free !== undefined && free < inodes) {
    return missed("disk", `${free} file entries (inodes) are free, and ${inodes} are needed.`, "enginery prune");
  }
  return passed("disk", room);
}

function pinChecks(damaged: readonly DamagedPin[]): readonly ReadyCheck[] {
  if (damaged.length === 0) return [];
  return [
    missed(
      "pins",
      `${damaged.length} pins cannot be read: nobody knows what their tenants need.`,
      "enginery doctor --fix",
    ),
  ];
}

/** Without a lease no engine starts: what runs could be removed under it. */
function claimChecks(world: World, { home }: Snapshot): readonly ReadyCheck[] {
  try {
    home.leases.requireWritable();
    const dangers = leaseFolderDangers(world, home).filter(({ refused }) => refused);
    return dangers.map(({ message, mend }) => missed("claims", message, mend));
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    return [
      missed("claims", `Nothing can be started from here: no lease can be written. ${error.message}`, error.hint),
    ];
  }
}

/** No fault of this host: told, because work of those epochs may have run on another release. */
function lateChecks({ newest }: Snapshot): readonly ReadyCheck[] {
  return (newest.late ?? []).map(({ engine, version, validFrom, change }) =>
    passed("late", `${engine}@${version} from ${validFrom} was ${change} after that epoch had begun here.`),
  );
}

/** Told, because nothing newer comes by itself. */
function heldChecks(world: World, { home, newest, epoch }: Snapshot): readonly ReadyCheck[] {
  const rolledBack =
    newest.holdsSerial === undefined
      ? []
      : [passed("held", "After a rollback `upgrade` holds still until there is something newer, or --again.")];
  try {
    const said = standingHold(world, { home, epoch });
    if (said === undefined) return rolledBack;
    const until = said.until ?? (said.untilEpoch === undefined ? "`enginery unhold`" : `epoch ${said.untilEpoch}`);
    const why = said.reason === undefined ? "" : `: ${quote(said.reason)}`;
    return [...rolledBack, passed("held", `Automatic upgrades are held until ${until}${why}.`)];
  } catch (error) {
    if (!isEngineryError(error, "home-damaged")) throw error;
    return [...rolledBack, missed("held", "A hold stands here and cannot be read.", "enginery unhold")];
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
