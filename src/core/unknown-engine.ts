import { EngineryError } from "./errors.ts";
import type { Manifest } from "./model/manifest.ts";
import { quote } from "./quote.ts";

/** `unknown-engine`, naming those there are. */
export function unknownEngine(
  { channel, engines }: Pick<Manifest, "channel" | "engines">,
  engine: string,
  hint?: string,
) {
  const known = Object.keys(engines).sort();
  const there = known.length === 0 ? "It has no engine at all." : `It has ${known.join(", ")}.`;
  return new EngineryError("unknown-engine", `The channel ${channel} has no engine ${quote(engine)}.`, {
    hint: hint ?? there,
    context: { engine, known },
  });
}
