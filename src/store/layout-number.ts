import type { Ground } from "./ground.ts";
import { damaged } from "./reading.ts";

/** What VERSION says; undefined where there is none. Errors: `home-damaged`. */
export function layoutNumber({ layout, reading }: Ground): number | undefined {
  const bytes = reading.file(layout.version);
  if (bytes === undefined) return undefined;
  const text = new TextDecoder().decode(bytes);
  if (!/^[1-9]\d{0,8}\n?$/.test(text)) throw damaged(layout.version, "does not hold a layout number");
  return Number(text);
}
