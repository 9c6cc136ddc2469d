import { isEngineryError } from "../../core/errors.ts";
import type { ServiceManager } from "../../ports/service.ts";
import { failed, isEnding, type Session, succeeded } from "./session.ts";
import { standingOf } from "./standing.ts";

/** How often a status that has changed is told: it costs a process. */
const STATUS_EVERY_MS = 15_000;
const LAST_WORDS_MS = 500;
/** What a round may take beyond its pause and the time that sources have. */
const ROUND_MS = 60_000;

/** Tells the service manager, where there is one: ready, how it stands, still alive, ending. A failure there never stops anything. */
export interface Voice {
  ready(): Promise<void>;
  /** Until the session ends. */
  speak(pause: (ms: number) => Promise<void>): Promise<void>;
  ending(): Promise<void>;
}

export function voiceOf(session: Session): Voice {
  const { manager } = session.world.service;
  if (manager === undefined) return { ready: async () => {}, speak: async () => {}, ending: async () => {} };
  const tell = (words: Readonly<Record<string, string>>) => told(session, manager, words);
  return {
    ready: () => tell({ READY: "1", STATUS: statusLine(session) }),
    speak: (pause) => speak(session, manager, pause),
    ending: async () => {
      await Promise.race([tell({ STOPPING: "1" }), session.world.timer.sleep(LAST_WORDS_MS)]);
    },
  };
}

async function speak(session: Session, manager: ServiceManager, pause: (ms: number) => Promise<void>): Promise<void> {
  // half of what it waits for: one that comes late is not the last
  const every = Math.min(STATUS_EVERY_MS, (manager.watchdogMs ?? Number.POSITIVE_INFINITY) / 2);
  let said = "";
  while (!isEnding(session)) {
    await pause(every);
    if (isEnding(session)) return;
    const status = statusLine(session);
    const words = {
      ...(manager.watchdogMs !== undefined && isTurning(session) ? { WATCHDOG: "1" } : {}),
      ...(session.announced && status !== said ? { STATUS: status } : {}),
    };
    if (Object.keys(words).length > 0) await told(session, manager, words);
    said = status;
  }
}

/** A watchdog that a timer of its own feeds would see nothing: the loop that reads the epoch must have come round. */
function isTurning({ world, settings, config, turnedAt }: Session): boolean {
  const longest = 2 * settings.intervalMs + (config.epochTimeoutSeconds ?? 0) * 1000 + ROUND_MS;
  return world.timer.ticks() - turnedAt <= longest;
}

async function told(session: Session, manager: ServiceManager, words: Readonly<Record<string, string>>): Promise<void> {
  try {
    await manager.notify(words);
    succeeded(session, "notify");
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    failed(session, "notify", error);
  }
}

/** `height 4711, xsnap 0.15.0 then 0.16.0 in 12; 1 alarm: next-not-installed xsnap@0.16.0`. */
export function statusLine(session: Session): string {
  const { epoch, releases } = standingOf(session);
  const unit = session.snapshot?.manifest.unit ?? "epoch";
  const engines = new Map<string, string>();
  for (const { engine, version, role, validFrom } of releases) {
    const before = engines.get(engine) ?? engine;
    const left = epoch === undefined ? "" : ` in ${validFrom - epoch}`;
    engines.set(engine, role === "in-effect" ? `${before} ${version}` : `${before} then ${version}${left}`);
  }
  const alarms = [...session.alarms.keys()];
  const wrong =
    alarms.length === 0 ? "" : `; ${alarms.length === 1 ? "1 alarm" : `${alarms.length} alarms`}: ${alarms.join(", ")}`;
  return `${unit} ${epoch ?? "unknown"}, ${[...engines.values()].join(", ")}${wrong}`.slice(0, 1000);
}
