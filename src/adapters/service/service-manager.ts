import { EngineryError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import type { ChildProcess } from "../../ports/child-process.ts";
import type { ServiceManager } from "../../ports/service.ts";

const PROGRAM = "systemd-notify";
const TIMEOUT_MS = 5_000;

/**
 * systemd's own program speaks to `$NOTIFY_SOCKET`: Node opens no datagram socket of the file system. It is another process, so a unit
 * whose account is not root needs `NotifyAccess=all`.
 */
export function serviceManager(
  env: Readonly<Record<string, string | undefined>>,
  children: Pick<ChildProcess, "run">,
): ServiceManager | undefined {
  const socket = env["NOTIFY_SOCKET"];
  if (socket === undefined || !/^[/@]/.test(socket)) return undefined;
  return {
    watchdogMs: watchdogOf(env),
    notify: async (words) => {
      const args = Object.entries(words).map(([name, value]) => `${name}=${oneLine(value)}`);
      const result = await children.run(PROGRAM, args, {
        env: { PATH: "/usr/bin:/bin", NOTIFY_SOCKET: socket },
        timeoutMs: TIMEOUT_MS,
        maxOutputBytes: 4096,
      });
      if (result.outcome === "exit" && result.status === 0) return;
      throw new EngineryError("engine-start", `${PROGRAM} did not tell the service manager: ${reasonOf(result)}`, {
        hint: "It comes with systemd: install it, or take Type=notify and WatchdogSec= off the unit.",
      });
    },
  };
}

/** Of another process, where WATCHDOG_PID names one. */
function watchdogOf(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const micros = Number(env["WATCHDOG_USEC"]);
  const pid = env["WATCHDOG_PID"];
  if (!Number.isSafeInteger(micros) || micros <= 0) return undefined;
  return pid === undefined || pid === String(process.pid) ? micros / 1000 : undefined;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}]+/gu, " ");
}

function reasonOf(result: Awaited<ReturnType<ChildProcess["run"]>>): string {
  switch (result.outcome) {
    case "not-started":
      return result.reason;
    case "timeout":
      return `no answer within ${TIMEOUT_MS / 1000} s.`;
    case "signal":
      return `ended by ${result.signal}.`;
    case "exit":
      return `exit ${result.status}, ${quote(result.output.trim(), 200)}.`;
  }
}
