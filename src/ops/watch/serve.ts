import { metricsOf } from "../../core/watch/metrics.ts";
import { METRICS_TYPE, metricsText } from "../../core/watch/metrics-text.ts";
import type { MetricsAnswer } from "../../ports/metrics-server.ts";
import type { Session } from "./session.ts";
import { standingOf } from "./standing.ts";

const TEXT_TYPE = "text/plain; charset=utf-8";

/** What the small server of `watch` answers; reads of the home what was looked at last, and one small file. */
export function answerOf(session: Session, path: string): MetricsAnswer | undefined {
  if (path === "/metrics") return { status: 200, type: METRICS_TYPE, body: metricsText(metricsOf(factsOf(session))) };
  if (path === "/healthz") return health(session);
  return undefined;
}

/** Well: readers have an epoch that counts, and the loop that reads it turns. */
function health(session: Session): MetricsAnswer {
  const { world, settings, follow, turnedAt } = session;
  const idleMs = world.timer.ticks() - turnedAt;
  const isWell = (follow === "following" || follow === "silent") && idleMs < 3 * settings.intervalMs + settings.graceMs;
  return { status: isWell ? 200 : 503, type: TEXT_TYPE, body: `${follow}\n` };
}

function factsOf(session: Session): Parameters<typeof metricsOf>[0] {
  const { world, snapshot } = session;
  const { epoch, releases } = standingOf(session);
  return {
    version: world.version,
    mode: session.follow,
    now: world.clock.now(),
    startedAt: session.startedAt,
    epoch,
    observedAt: observedAt(session),
    msPerEpoch: session.pace?.msPerEpoch,
    generation: snapshot?.newest.number,
    serial: snapshot?.newest.manifest.serial,
    releases,
    installedBytes: snapshot?.newest.installations.reduce((total, { bytes }) => total + bytes, 0),
    freeBytes: freeBytes(session),
    expiries: session.expiries?.roles ?? {},
    held: session.held !== undefined,
    checkedAt: session.checkedAt,
    upgradedAt: session.upgradedAt,
    failures: session.failures,
    alarms: session.alarms,
  };
}

/** A scrape is answered whatever the disk says. */
function observedAt({ home }: Session): number | undefined {
  try {
    const observation = home.clock.read();
    return observation === undefined ? undefined : Date.parse(observation.at);
  } catch {
    return undefined;
  }
}

function freeBytes({ world, home }: Session): number | undefined {
  try {
    return world.fileSystem.freeSpace(home.path).bytes;
  } catch {
    return undefined;
  }
}
