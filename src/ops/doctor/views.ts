import { outOfReachOf, SHORTER_HOME } from "../../core/long-path.ts";
import type { Generation } from "../../core/model/home.ts";
import type { Manifest } from "../../core/model/manifest.ts";
import { parseManifest } from "../../core/parse-manifest.ts";
import { settle } from "../commit.ts";
import type { Finding } from "../operator.ts";
import type { Examination } from "./examination.ts";
import { bad, careful, mended } from "./findings.ts";

/** index/, bin/ and lib/: what follows from the newest generation. */
export function viewFindings(examination: Examination): readonly Finding[] {
  const generation = examination.newest();
  const bytes = examination.manifest();
  if (generation === undefined || bytes === undefined) return [];
  return [...reachFindings(examination, generation), ...outdated(examination, generation, parseManifest(bytes))];
}

function reachFindings({ home }: Examination, generation: Generation): readonly Finding[] {
  const beyond = home.views.outOfReach(generation);
  return beyond.length === 0 ? [] : [careful("long-path", outOfReachOf(beyond), SHORTER_HOME)];
}

function outdated({ world, home, fix }: Examination, generation: Generation, manifest: Manifest): readonly Finding[] {
  const wrong = home.views.outdated(generation, manifest);
  if (wrong.length === 0) return [];
  const message = `Not as generation ${generation.number} has it: ${wrong.join(", ")}.`;
  if (!fix) return [bad("derived-views", message, "enginery doctor --fix")];
  settle(world, home, generation, manifest);
  const left = home.views.outdated(generation, manifest);
  if (left.length === 0) return [mended("derived-views", message)];
  return [bad("derived-views", `Could not be made anew: ${left.join(", ")}.`, "Look what is in its way.")];
}
