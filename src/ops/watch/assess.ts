import { type ErrorCode, isEngineryError } from "../../core/errors.ts";
import { releaseName } from "../../core/release-name.ts";
import { advanceAlarms } from "../../core/watch/alarms.ts";
import { conditionsOf, type FailingUpgrade, type SourceFacts, type WatchFacts } from "../../core/watch/conditions.ts";
import { DEFAULT_RESERVE_BYTES } from "../space.ts";
import { believedSet, offlineKeeper } from "../trust-state.ts";
import { isUnseen, rememberNews } from "./memory.ts";
import { end, instant, type Session, say } from "./session.ts";
import { look, type Standings, standingOf } from "./standing.ts";

/** Worth another try before anybody is told: the network, another writer. */
const PASSING: readonly ErrorCode[] = ["network", "timeout", "http-status", "missing", "busy", "commit-lost", "marked"];

/** Looks at everything, and tells what has become wrong, come nearer or been mended. */
export async function assess(session: Session): Promise<void> {
  rememberNews(session);
  look(session);
  await readExpiries(session);
  const standings = noteMissed(session);
  if (session.muted) return;
  const clock = { at: instant(session), tick: session.world.timer.ticks(), epoch: standings.epoch ?? null };
  const { firing, notices } = advanceAlarms(
    session.alarms,
    conditionsOf(factsOf(session, standings)),
    clock,
    (condition) => isUnseen(session, condition),
  );
  session.alarms = firing;
  session.hasNews ||= notices.length > 0;
  for (const notice of notices) {
    say(session, { event: "alarm", ...notice });
    if (!session.request.dryRun) session.deliver(session, notice);
    if (notice.status === "firing" && session.settings.exits(notice.kind) && session.exitFor === undefined) {
      session.exitFor = notice;
      if (!session.request.once) end(session, `alarm ${notice.kind}`);
    }
  }
}

/** Since when what is due has not been here; what has been missed anew is asked for at once. */
function noteMissed(session: Session): Standings {
  const { epoch, lead, releases } = standingOf(session);
  const tick = session.world.timer.ticks();
  const due = releases.filter(
    ({ role, installed, validFrom }) =>
      !installed && epoch !== undefined && (role === "in-effect" || validFrom - epoch <= lead),
  );
  const isNew = due.some((release) => !session.missed.has(releaseName(release)));
  session.missed = new Map(
    due.map((release) => [releaseName(release), session.missed.get(releaseName(release)) ?? tick]),
  );
  if (isNew) session.nextCheckAt = Math.min(session.nextCheckAt, tick);
  return standingOf(session);
}

function factsOf(session: Session, { epoch, lead, releases }: Standings): WatchFacts {
  const { world, snapshot, settings, pace } = session;
  const tick = world.timer.ticks();
  const { untold } = session;
  return {
    now: world.clock.now(),
    unit: snapshot?.manifest.unit ?? "epoch",
    epoch,
    lead,
    pace,
    graceMs: settings.graceMs,
    untold: untold === undefined ? undefined : { forMs: tick - untold.since, problem: untold.problem },
    unwritten: session.unwritten,
    sources: sourceFacts(session, tick),
    releases,
    expiries: session.expiries?.roles ?? {},
    disk: diskOf(session),
    upgrade: failingUpgrade(session, tick),
    late: snapshot?.newest.late ?? [],
    home: session.unreadable ?? session.unprovable ?? session.misconfigured,
  };
}

function sourceFacts({ outcomes }: Session, tick: number): readonly SourceFacts[] {
  return [...outcomes].map(([name, { outcome, failingSince, astraySince }]) => ({
    name,
    failingMs: failingSince === undefined ? 0 : tick - failingSince,
    astrayMs: astraySince === undefined ? 0 : tick - astraySince,
    ...("epoch" in outcome ? { epoch: outcome.epoch } : { problem: outcome.problem }),
  }));
}

function failingUpgrade({ failing, settings }: Session, tick: number): FailingUpgrade | undefined {
  if (failing === undefined) return undefined;
  const { problem, since } = failing;
  const passing = PASSING.some((code) => code === problem.code);
  return { ...problem, forMs: tick - since, passing, patienceMs: settings.checkEveryMs };
}

function diskOf({ world, home, config }: Session): WatchFacts["disk"] {
  try {
    const { bytes: freeBytes } = world.fileSystem.freeSpace(home.path);
    return { freeBytes, reserveBytes: config.reserveBytes ?? DEFAULT_RESERVE_BYTES };
  } catch (error) {
    if (isEngineryError(error)) return undefined;
    throw error;
  }
}

/** They change with the trust set alone. */
async function readExpiries(session: Session): Promise<void> {
  const { world, snapshot } = session;
  if (snapshot === undefined) return;
  try {
    const set = snapshot.home.trust.newest() ?? snapshot.newest.trustSet;
    if (session.expiries?.set === set) return;
    const keeper = await offlineKeeper(world);
    const texts = keeper.expiries(believedSet(keeper, snapshot.home, snapshot.newest));
    const roles = Object.fromEntries(Object.entries(texts).map(([role, at]) => [role, Date.parse(at)]));
    session.expiries = { set, roles };
  } catch (error) {
    // `ready` and `doctor` tell of it; the alarms that hang on it rest
    if (!isEngineryError(error)) throw error;
  }
}
