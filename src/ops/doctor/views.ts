import { parseManifest } from "../../core/parse-manifest.ts";
import { settle } from "../commit.ts";
import type { Finding } from "../operator.ts";
import type { Examination } from "./examination.ts";
import { bad, mended } from "./findings.ts";

/** index/, bin/ and lib/: what follows from the newest generation. */
export function viewFindings({ world, home, fix, newest, manifest }: Examination): readonly Finding[] {
  const generation = newest();
  const bytes = manifest();
  if (generation === undefined || bytes === undefined) return [];
  const parsed = parseManifest(bytes);
  const wrong = home.views.outdated(generation, parsed);
  if (wrong.length === 0) return [];
  const message = `Not as generation ${generation.number} has it: ${wrong.join(", ")}.`;
  if (!fix) return [bad("derived-views", message, "enginery doctor --fix")];
  settle(world, home, generation, parsed);
  const left = home.views.outdated(generation, parsed);
  if (left.length === 0) return [mended("derived-views", message)];
  return [bad("derived-views", `Could not be made anew: ${left.join(", ")}.`, "Look what is in its way.")];
}
