import { isEngineryError } from "../../core/errors.ts";
import type { Installation } from "../../core/model/home.ts";
import type { Home } from "../../store/home.ts";
import type { Finding } from "../operator.ts";
import type { Examination } from "./examination.ts";
import { bad } from "./findings.ts";

/** Seals and file lists of what the newest generation names; what is damaged beside them is for `verify` to find. */
export function installationFindings({ home, newest }: Examination): readonly Finding[] {
  return (newest()?.installations ?? []).flatMap((installation) => {
    const what = problemOf(home, installation);
    if (what === undefined) return [];
    const name = `${installation.engine}@${installation.version}`;
    return [bad("installation-damaged", `${name} ${what}`, `enginery verify --repair ${name}`)];
  });
}

function problemOf(home: Home, { engine, version, tree }: Installation): string | undefined {
  if (!home.installations.isThere(engine, version)) return "is not on disk.";
  try {
    const seal = home.installations.seal(engine, version);
    if (seal === undefined) return "has no seal.";
    if (seal.tree !== tree) return "has another seal than the generation names.";
    return home.trees.read(tree) === undefined ? "has lost its file list." : undefined;
  } catch (error) {
    if (isEngineryError(error)) return `has a record that is damaged: ${error.message}`;
    throw error;
  }
}
