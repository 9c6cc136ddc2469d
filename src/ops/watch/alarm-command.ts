import { EngineryError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { type AlarmNotice, alarmDocument } from "../../core/watch/alarms.ts";
import type { RunResult } from "../../ports/child-process.ts";
import type { Session } from "./session.ts";

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 4096;
/** What is for this process alone: its voice to the service manager, its secrets. */
const OWN_VARIABLES = /^(NOTIFY_SOCKET|WATCHDOG_|LISTEN_|ENGINERY_ALARM_|ENGINERY_PASSPHRASE)/;

/** Without a shell: the alarm is JSON on its standard input and words in its environment. Errors: `engine-start`, `timeout`. */
export async function runAlarmCommand({ world, settings, request }: Session, notice: AlarmNotice): Promise<void> {
  const [program, ...args] = settings.command ?? [];
  if (program === undefined) return;
  const result = await world.children.run(program, args, {
    env: { ...othersOf(request.env), ENGINERY_HOME: request.home, ...wordsOf(notice) },
    timeoutMs: TIMEOUT_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    input: new TextEncoder().encode(`${JSON.stringify(alarmDocument(request.home, notice))}\n`),
  });
  if (result.outcome === "exit" && result.status === 0) return;
  const code = result.outcome === "timeout" ? "timeout" : "engine-start";
  throw new EngineryError(code, `The alarm command ${quote(program)} ${reasonOf(result)}.`, {
    hint: "Try it by hand with the alarm on its standard input.",
  });
}

function othersOf(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OWN_VARIABLES.test(name)));
}

function wordsOf(notice: AlarmNotice): Readonly<Record<string, string>> {
  const words = {
    KIND: notice.kind,
    STATUS: notice.status,
    NAME: notice.alarm,
    MESSAGE: notice.message,
    MEND: notice.mend,
    ENGINE: notice.engine,
    VERSION: notice.version,
    SUBJECT: notice.subject,
    EPOCH: notice.epoch ?? undefined,
    EPOCHS_LEFT: notice.epochsLeft,
    SECONDS_LEFT: notice.secondsLeft,
  };
  return Object.fromEntries(
    Object.entries(words).flatMap(([name, value]) =>
      value === undefined ? [] : [[`ENGINERY_ALARM_${name}`, `${value}`]],
    ),
  );
}

function reasonOf(result: RunResult): string {
  switch (result.outcome) {
    case "not-started":
      return `could not be started (${quote(result.reason)})`;
    case "timeout":
      return `was still running after ${TIMEOUT_MS / 1000} s`;
    case "signal":
      return `was ended by ${result.signal}`;
    case "exit":
      return `exited with ${result.status}: ${quote(result.output.trim(), 200)}`;
  }
}
