import type { Ground } from "./ground.ts";
import { LAYOUT_LEASES_OUTSIDE, LAYOUT_NUMBER, RECORD_MODE } from "./layout.ts";
import { damaged } from "./reading.ts";

/** What is wrong with a folder that every home has. */
export interface FolderProblem {
  /** Absolute. */
  readonly path: string;
  readonly kind: "missing" | "link" | "no-folder";
}

/** What the records of a home lie in: VERSION and the inner folders. */
export interface Foundation {
  /** Absolute paths of the inner folders, outer ones first. */
  readonly folders: readonly string[];
  /** One look at each inner folder. */
  problems(): readonly FolderProblem[];
  /**
   * Makes the folders that are missing, durable when it returns: those that were empty are lost in some copies of a home.
   * Errors: `home-damaged` where one is a link or no folder, which a writer must not follow.
   */
  lay(): void;
  /** Writes VERSION anew; durable when it returns. */
  writeVersion(): void;
}

export function foundationOf({ layout, fileSystem, durable }: Ground): Foundation {
  function problems(): FolderProblem[] {
    return layout.folders.flatMap((path) => {
      const kind = fileSystem.status(path)?.kind;
      if (kind === "directory") return [];
      return [{ path, kind: kind === undefined ? "missing" : kind === "link" ? "link" : "no-folder" }];
    });
  }

  return {
    folders: layout.folders,
    problems,
    lay: () => {
      for (const { path, kind } of problems()) {
        if (kind === "missing") durable.folder(path);
        else throw damaged(path, kind === "link" ? "is a link, which the home never holds" : "is no folder");
      }
    },
    writeVersion: () => {
      const isOutside = fileSystem.status(layout.leasesPlace) !== undefined;
      const number = isOutside ? LAYOUT_LEASES_OUTSIDE : LAYOUT_NUMBER;
      durable.replace(layout.version, new TextEncoder().encode(`${number}\n`), RECORD_MODE);
    },
  };
}
