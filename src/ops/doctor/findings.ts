import type { Finding } from "../operator.ts";

export function fine(code: string, message: string): Finding {
  return { code, severity: "ok", message };
}

/** Worth a look; nothing fails for it. */
export function careful(code: string, message: string, mend: string): Finding {
  return { code, severity: "warning", message, mend };
}

/** Some verb fails for it, or would lie. `mend`: the command. */
export function bad(code: string, message: string, mend: string): Finding {
  return { code, severity: "error", message, mend };
}

/** Mended in this run. `mend`: what is left to do, where anything is. */
export function mended(code: string, message: string, mend?: string): Finding {
  return { code, severity: mend === undefined ? "ok" : "warning", message, ...(mend && { mend }), fixed: true };
}
