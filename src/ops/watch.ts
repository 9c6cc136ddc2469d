import { isEngineryError } from "../core/errors.ts";
import { watchSettings } from "../core/watch/settings.ts";
import { openEpochSources } from "./epoch-sources.ts";
import { prepareToWrite } from "./locking.ts";
import { takeSnapshot } from "./snapshot.ts";
import { type Deliveries, makeDeliveries } from "./watch/deliver.ts";
import { alreadyWatched, follow } from "./watch/follow.ts";
import { keep } from "./watch/keep.ts";
import { voiceOf } from "./watch/manager.ts";
import { recallForLong, rememberNews } from "./watch/memory.ts";
import { oneRound } from "./watch/once.ts";
import { ownChildren } from "./watch/own-children.ts";
import { answerOf } from "./watch/serve.ts";
import { beginSession, end, instant, type Session, say } from "./watch/session.ts";
import { configOf } from "./watch/settings.ts";
import type { WatchEvent, WatchRequest, WatchResult } from "./watch/words.ts";
import type { World } from "./world.ts";

/** A clean end takes less than a second; alarms that end it may take their time. */
const END_MS = 600;
const LAST_ALARMS_MS = 30_000;

/**
 * Follows the network (docs/operations/watch.md): records the epoch, takes what the publisher has, proves what is next ahead of its epoch, and
 * raises alarms, until it is told to stop. Errors: `usage` and `config-invalid` for settings that cannot be used, `busy` where
 * another `watch` follows for this home or listens at that address, and those of `status`.
 */
export async function watch(
  world: World,
  request: WatchRequest,
  tell: (event: WatchEvent) => void,
): Promise<WatchResult> {
  const programs = ownChildren(world);
  try {
    return await following({ ...telling(world, tell), children: programs.children }, request, tell);
  } finally {
    await programs.end(END_MS);
  }
}

async function following(world: World, request: WatchRequest, tell: (event: WatchEvent) => void): Promise<WatchResult> {
  const deliveries = makeDeliveries(world);
  const session = await begin(world, request, tell, deliveries);
  if (request.once || request.dryRun) {
    await oneRound(session, deliveries);
    return resultOf(session, "once");
  }
  using _listening = world.service.listen({
    stop: (signal) => end(session, signal),
    reload: () => hurry(session),
  });
  takeClaim(session);
  recallForLong(session);
  try {
    await using _server = await serve(session);
    await run(session);
  } finally {
    session.home.watcher.release(session.operation);
  }
  say(session, { event: "ending", why: String(session.ending.signal.reason) });
  await deliveries.settled(session.exitFor === undefined ? END_MS : LAST_ALARMS_MS);
  rememberNews(session);
  return resultOf(session, session.exitFor === undefined ? "stopped" : "alarm");
}

/** Settings that cannot be used are said before anything is begun. */
async function begin(
  world: World,
  request: WatchRequest,
  tell: (event: WatchEvent) => void,
  deliveries: Deliveries,
): Promise<Session> {
  const { home } = takeSnapshot(world, request);
  const config = configOf(home, request);
  const settings = watchSettings(config);
  await openEpochSources(world, config, request);
  if (!request.dryRun) prepareToWrite(world, home);
  const operation = world.identifiers.operation();
  return beginSession({
    world,
    request,
    home,
    operation,
    tell,
    deliver: deliveries.put,
    isDelivered: deliveries.isDone,
    config,
    settings,
  });
}

function takeClaim({ home, operation, world }: Session): void {
  const { holder, foreign } = home.watcher.claim(operation);
  if (holder !== undefined) throw alreadyWatched(holder.owner.pid);
  if (foreign) {
    const message = "Another watch may follow the network for this home, from another machine or container.";
    world.reporter.warn("lock", message);
  }
}

async function serve(session: Session): Promise<AsyncDisposable> {
  const { metrics } = session.settings;
  const server =
    metrics === undefined
      ? undefined
      : await (await session.world.metricsServer()).listen(metrics, (path) => answerOf(session, path));
  const names =
    session.sources?.sources.names ?? (await openEpochSources(session.world, session.config, session.request)).names;
  say(session, { event: "following", sources: names, metrics: server?.name ?? null });
  return server ?? { [Symbol.asyncDispose]: async () => {} };
}

/** Two loops and a voice beside each other: the epoch is read while an upgrade takes its time. */
async function run(session: Session): Promise<void> {
  const { signal } = session.ending;
  const pause = (milliseconds: number) => session.world.timer.sleep(milliseconds, signal);
  const hurried = (milliseconds: number) => session.world.timer.sleep(milliseconds, session.hurry.signal);
  const voice = voiceOf(session);
  const loops = [follow(session, () => void voice.ready(), hurried), keep(session, pause), voice.speak(pause)].map(
    (loop) => ending(session, loop),
  );
  const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  try {
    // what still runs at the end (a download) is left: everything that counts is on disk
    await Promise.race([Promise.all(loops), stopped]);
    await Promise.race([Promise.all(loops), session.world.timer.sleep(END_MS)]);
  } finally {
    await voice.ending();
  }
}

/** A loop that dies takes the others with it: half a watch would look like a whole one. */
async function ending(session: Session, loop: Promise<void>): Promise<void> {
  try {
    await loop;
  } catch (error) {
    end(session, isEngineryError(error) ? error.code : "a bug of ours");
    throw error;
  }
}

/** SIGHUP: everything is looked at anew, at once. */
function hurry(session: Session): void {
  session.nextCheckAt = session.world.timer.ticks();
  session.sources = undefined;
  const { hurry: before } = session;
  session.hurry = new AbortController();
  before.abort();
}

function resultOf(session: Session, ended: WatchResult["ended"]): WatchResult {
  const { snapshot, alarms, request } = session;
  return {
    ended,
    epoch: (request.dryRun ? session.taken : undefined) ?? snapshot?.epoch ?? null,
    generation: snapshot?.newest.number ?? null,
    alarms: [...alarms].map(([alarm, { condition, since, told }]) => ({
      ...condition,
      status: "firing" as const,
      alarm,
      since,
      told,
      epoch: snapshot?.epoch ?? null,
    })),
    ...(request.dryRun ? { dryRun: true as const } : {}),
  };
}

/** What operations warn of is told as events, in one voice with all else. */
function telling(world: World, tell: (event: WatchEvent) => void): World {
  const at = () => instant({ world });
  return {
    ...world,
    reporter: {
      note: (message) => tell({ at: at(), event: "note", message }),
      warn: (code, message) => tell({ at: at(), event: "warning", code, message }),
      progress: () => ({ advance: () => {}, [Symbol.dispose]: () => {} }),
    },
  };
}
