import type { Sha256 } from "../../core/model/manifest.ts";
import { parseManifest } from "../../core/parse-manifest.ts";
import type { Finding } from "../operator.ts";
import type { Examination } from "./examination.ts";
import { bad, mended } from "./findings.ts";

const REASON = "The record of why was damaged.";

/** The record's name still tells which release is known bad, and that must not be forgotten. */
export function quarantineFindings(examination: Examination): readonly Finding[] {
  const { world, home, fix } = examination;
  const { damaged } = home.quarantine.survey();
  return damaged.map((tree) => {
    const message = `The quarantine record of ${tree} cannot be read.`;
    const release = releaseOf(examination, tree);
    if (release === undefined) return bad("home-damaged", message, `enginery quarantine lift ${tree}`);
    if (!fix) return bad("home-damaged", message, "enginery doctor --fix");
    const at = new Date(world.clock.now()).toISOString();
    home.quarantine.put({ format: 1, tree, ...release, reason: REASON, at });
    return mended("home-damaged", `${message} ${release.engine}@${release.version} stays quarantined.`);
  });
}

function releaseOf({ manifest, newest }: Examination, tree: Sha256) {
  const installed = newest()?.installations.find((one) => one.tree === tree);
  if (installed !== undefined) return { engine: installed.engine, version: installed.version };
  const bytes = manifest();
  const engines = bytes === undefined ? {} : parseManifest(bytes).engines;
  for (const [engine, { releases }] of Object.entries(engines)) {
    for (const [version, { platforms }] of Object.entries(releases)) {
      if (Object.values(platforms).some((platform) => platform.tree.digest === tree)) return { engine, version };
    }
  }
  return undefined;
}
