import { canonicalJson, parseJson } from "../core/json.ts";
import type { ProcessIdentity } from "../ports/host.ts";
import type { Ground } from "./ground.ts";
import { FOLDER_MODE, RECORD_MODE } from "./layout.ts";
import { ownerState } from "./owner.ts";
import { chunksOf } from "./reading.ts";
import { freeAll, removeAll } from "./removal.ts";
import { type Stage, type StagedRelease, stageIn, type VerifiedStage } from "./stage.ts";
import { removeStage } from "./stage-removal.ts";

/** A temporary file or a folder without an owner is a dead writer's by then. */
export const ABANDONED_MS = 60 * 60 * 1000;

/** Disposable at any time, but for what a living operation owns. */
export interface Staging {
  begin(operation: string, release: StagedRelease): Stage;
  /** A file of a verified stage, in chunks. Errors: `missing`. */
  readFile(stage: VerifiedStage, path: string): Iterable<Uint8Array>;
  /** Removes a verified stage that nobody adopts. */
  drop(stage: VerifiedStage): void;
  /** Removes what dead operations left; answers the bytes freed. */
  sweep(): number;
  /** Removes what was moved aside (`installations.toTrash`); answers the bytes freed. */
  sweepTrash(): number;
  /** As `sweepTrash`, unmeasured, with a second thread where the `files` known to be in it are worth one. */
  removeTrash(files: number): void;
}

/** staging/<operation>/<engine>@<version>, beside owner.json; trash-* is what was moved aside; tmp-* are files being written. */
export function stagingOf(ground: Ground): Staging {
  const { layout, fileSystem, host, clock, reading, removing } = ground;
  const folder = layout.folder("staging");

  function begin(operation: string, release: StagedRelease): Stage {
    reading.refuseLinks(folder);
    fileSystem.makeDirectory(folder, FOLDER_MODE);
    fileSystem.makeDirectory(layout.operation(operation), FOLDER_MODE);
    claim(operation);
    const path = layout.stage(operation, release.engine, release.version);
    removeAll(fileSystem, path);
    fileSystem.makeDirectory(path, FOLDER_MODE);
    return stageIn(ground, path, release);
  }

  function claim(operation: string): void {
    using handle = fileSystem.createExclusive(layout.operationOwner(operation), RECORD_MODE);
    handle?.write(canonicalJson(host.self()));
  }

  function isAbandoned(name: string): boolean {
    const path = `${folder}/${name}`;
    const owner = ownerOf(layout.operationOwner(name));
    if (owner !== undefined) return ownerState(owner, host) === "gone";
    const age = clock.now() - (fileSystem.status(path)?.modifiedMs ?? clock.now());
    return age > ABANDONED_MS;
  }

  function ownerOf(path: string): ProcessIdentity | undefined {
    try {
      return reading.record(path, (bytes) => identityOf(parseJson(bytes, "The owner of a stage")));
    } catch {
      return undefined;
    }
  }

  function pathsOf(wanted: (name: string) => boolean): readonly string[] {
    return reading.list(folder).flatMap(({ name }) => (wanted(name) ? `${folder}/${name}` : []));
  }

  function sweepNames(wanted: (name: string) => boolean): number {
    return pathsOf(wanted).reduce((freed, path) => freed + freeAll(fileSystem, path), 0);
  }

  return {
    begin,
    readFile: (stage, path) => chunksOf(fileSystem, `${stage.path}/${path}`),
    drop: (stage) => removeStage(ground, stage.path),
    sweep: () => sweepNames((name) => !isTrash(name) && isAbandoned(name)),
    sweepTrash: () => sweepNames(isTrash),
    removeTrash: (files) => {
      const folders = pathsOf(isTrash);
      using _help = removing?.help({ folders, files });
      for (const path of folders) removeAll(fileSystem, path);
    },
  };
}

function isTrash(name: string): boolean {
  return name.startsWith("trash-");
}

/** Members that are not there, or of another kind, make the owner unknowable, not gone. */
function identityOf(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== "object" || value === null || !("pid" in value) || typeof value.pid !== "number")
    return undefined;
  const members = Object.entries(value).filter(([, member]) => typeof member === "string");
  return { ...Object.fromEntries(members), pid: value.pid };
}
