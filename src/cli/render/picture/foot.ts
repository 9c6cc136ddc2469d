import { type Markup, markup } from "../markup.ts";
import { wrapped } from "../text-width.ts";
import { counted } from "../units.ts";
import { withDigits } from "./digits.ts";
import type { DrawnLane } from "./lane.ts";
import type { Lane } from "./lanes.ts";
import type { Scale } from "./scale.ts";

const SIZE = 12;
const LINE = 17;

/** What the picture does not show, said aloud: never less than the truth without a word. */
export function footNotes(
  all: readonly Lane[],
  shown: readonly Lane[],
  drawn: readonly DrawnLane[],
  scale: Scale,
): readonly string[] {
  const together = shown.map(({ bars }) => sum(bars.map(({ count }) => (count > 1 ? count : 0))));
  const [some, deployments] = [sum(together), sum(shown.map((lane) => lane.deployments))];
  const unlabelled = sum(drawn.map((lane) => lane.unlabelled));
  const unpinned = sum(drawn.map((lane) => lane.unpinned));
  return [
    ...(scale.isEven ? [] : ["Not to scale: the longer a span, the less it grows. The numbers are exact."]),
    ...(some === 0
      ? []
      : [`${some} of ${counted(deployments, "deployment")} are drawn together: enginery schedule --json`]),
    ...(unlabelled === 0 ? [] : [`${counted(unlabelled, "version")} found no room for a label.`]),
    ...(unpinned === 0 ? [] : [`The pins of ${counted(unpinned, "deployment")} found no room.`]),
    ...(all.length === shown.length
      ? []
      : [`${counted(all.length - shown.length, "more engine")} not drawn: enginery schedule ENGINE --svg FILE`]),
  ];
}

/** Lines of notes, wrapped. */
export function drawFoot(
  notes: readonly string[],
  edges: { readonly left: number; readonly right: number },
  top: number,
): { readonly drawn: Markup; readonly bottom: number } {
  const lines = notes.flatMap((note) => wrapped(note, edges.right - edges.left, SIZE, "sans"));
  return {
    drawn: markup`${lines.map((line, at) => markup`<text class="note" x="${edges.left}" y="${top + 10 + LINE * at}">${withDigits(line)}</text>`)}`,
    bottom: top + LINE * lines.length,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
