import { isEngineryError } from "../../core/errors.ts";
import { homeDangers } from "../home-dangers.ts";
import type { Finding } from "../operator.ts";
import type { Examination } from "./examination.ts";
import { bad, careful, fine, mended } from "./findings.ts";

const OWN_FOLDER_MODE = 0o755;
const OTHERS_WRITE = 0o022;

/** Who else could write to the home; `fix` takes that right from the home's own folders, never from those above. */
export function permissionFindings({ world, home, fix }: Examination): readonly Finding[] {
  const folders = [...home.foundation.folders, ...innerFolders({ world, home })];
  const dangers = homeDangers(world, home.path, folders);
  if (dangers.length === 0) return [writableFinding(world, home.path)];
  return dangers.map(({ path, message, mend, refused }) => {
    const mode = world.fileSystem.status(path)?.mode ?? 0;
    const isOwn = path === home.path || folders.includes(path);
    if (fix && refused && isOwn && (mode & OTHERS_WRITE) !== 0) {
      world.fileSystem.changeMode(path, mode & OWN_FOLDER_MODE);
      // what others may have written before is not told from what we wrote
      return mended("permission", message, "See that nothing was changed meanwhile: enginery verify");
    }
    return refused ? bad("permission", message, mend) : careful("permission", message, mend);
  });
}

function writableFinding({ fileSystem }: Examination["world"], path: string): Finding {
  try {
    fileSystem.requireWritable(path);
    return fine("permission", "Only the owner may write to the home.");
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    return bad(error.code, error.message, error.hint);
  }
}

/** Those in which a name decides: an engine's versions, a tenant's pins, sets of trust. */
function innerFolders({ world, home }: Pick<Examination, "world" | "home">): readonly string[] {
  const names = ["engines", "pins", "trust", "index"];
  return home.foundation.folders
    .filter((folder) => names.some((name) => folder === `${home.path}/${name}`))
    .flatMap((folder) => {
      if (world.fileSystem.status(folder)?.kind !== "directory") return [];
      const entries = world.fileSystem.list(folder) ?? [];
      return entries.filter(({ kind }) => kind === "directory").map(({ name }) => `${folder}/${name}`);
    });
}
