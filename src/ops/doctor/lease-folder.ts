import { isEngineryError } from "../../core/errors.ts";
import { layLeaseFolder, leaseFolderDangers, ownerOf } from "../lease-folder.ts";
import type { Finding } from "../operator.ts";
import type { Examination } from "./examination.ts";
import { bad, careful, fine, mended } from "./findings.ts";

/** The folder outside the home in which processes claim what they run; with `fix` it is made, or closed. */
export function leaseFolderFindings({ world, home, fix }: Examination): readonly Finding[] {
  const folder = home.leases.outside();
  if (folder === undefined) return [];
  const dangers = leaseFolderDangers(world, home);
  if (dangers.length === 0) return [fine("lease-folder", `Processes claim what they run in ${folder}.`)];
  const isFixed = fix && wasLaid({ world, home }, folder);
  const left = isFixed ? leaseFolderDangers(world, home) : dangers;
  const gone = dangers.filter(({ message }) => !left.some((one) => one.message === message));
  return [
    ...gone.map(({ message }) => mended("lease-folder", message)),
    ...left.map(({ message, mend, refused }) =>
      refused ? bad("lease-folder", message, mend) : careful("lease-folder", message, mend),
    ),
  ];
}

/** What it may not do it tells by what is left. */
function wasLaid({ world, home }: Pick<Examination, "world" | "home">, folder: string): boolean {
  try {
    layLeaseFolder(world, folder, ownerOf(world, home.path));
    return true;
  } catch (error) {
    if (!isEngineryError(error, "lease-folder")) throw error;
    return false;
  }
}
