import { mendTrust, surveyTrust } from "../mend-trust.ts";
import type { Finding } from "../operator.ts";
import { offlineKeeper, ROOT_AGAIN } from "../trust-state.ts";
import type { Examination } from "./examination.ts";
import { bad, fine, mended } from "./findings.ts";

/** The signed metadata: each set by itself, and the newest generation's as the one that vouches for its manifest. */
export async function trustFindings({ world, home, fix, newest, manifest }: Examination): Promise<readonly Finding[]> {
  const generation = newest();
  if (generation === undefined) return [];
  const keeper = await offlineKeeper(world);
  const look = fix ? mendTrust : surveyTrust;
  const { damaged, restored, lost, open } = look(keeper, home, generation, manifest());
  if (lost) return [bad("home-damaged", "No trust set of this home is whole.", ROOT_AGAIN)];
  const sets = damaged.map((number) => String(number)).join(", ");
  const message = `Trust sets of this home are damaged: ${sets}.`;
  if (damaged.length > 0 && !fix) return [bad("home-damaged", message, "enginery doctor --fix")];
  // nothing of this home vouches for the manifest any more: the repository does
  if (open)
    return [
      bad(
        "home-damaged",
        `No trust set of this home vouches for generation ${generation.number}.`,
        "enginery verify --repair",
      ),
    ];
  if (damaged.length > 0) {
    const how = restored ? "what the newest generation names was put back from another set" : "they were set aside";
    return [mended("home-damaged", `Trust sets of this home were damaged: ${sets}; ${how}.`)];
  }
  return [fine("trust", `The trust set ${generation.trustSet} is whole and vouches for the manifest.`)];
}
