import type { WatchResult } from "../../ops/operator.ts";
import { printable } from "./paint.ts";

/** How it ended: for a person who was there, one line and one for each alarm. */
export function watchText({ ended, epoch, generation, alarms }: WatchResult): string {
  const words = { stopped: "Stopped", once: "One round", alarm: "Ended by an alarm" }[ended];
  const where = `epoch ${epoch ?? "unknown"}, generation ${generation ?? "unknown"}`;
  const wrong = alarms.map(
    ({ alarm, message, mend }) => `${printable(alarm)}: ${printable(message)} ${printable(mend)}\n`,
  );
  return `${words}: ${where}, ${alarms.length === 1 ? "1 alarm" : `${alarms.length} alarms`}.\n${wrong.join("")}`;
}
