import type { ReadyCheck, ReadyCheckName } from "../operator.ts";

export function passed(name: ReadyCheckName, detail: string): ReadyCheck {
  return { name, ok: true, detail };
}

/** `what` and `mend` are sentences, or `mend` a command. */
export function missed(name: ReadyCheckName, what: string, mend: string): ReadyCheck {
  const how = mend.startsWith("enginery ") ? `Mend it: ${mend}` : mend;
  return { name, ok: false, detail: `${what} ${how}`, mend };
}
