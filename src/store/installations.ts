import { EngineryError, isEngineryError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { Seal } from "../core/model/home.ts";
import type { Sha256, Version } from "../core/model/manifest.ts";
import type { Tree, TreeFile } from "../core/model/tree.ts";
import { parseSeal } from "../core/parse-home.ts";
import { adoptStage } from "./adoption.ts";
import type { Ground } from "./ground.ts";
import { FOLDER_MODE, parentOf, SEAL_NAME, SEALED_MODE } from "./layout.ts";
import { chunksOf, readPart } from "./reading.ts";
import { removeAll } from "./removal.ts";
import type { VerifiedStage } from "./stage.ts";
import {
  compareWithTree,
  foldersAbove,
  lookAt,
  modeOf,
  type Seen,
  type TreeProblem,
  treeAt,
} from "./tree-comparison.ts";

export interface InstalledName {
  readonly engine: string;
  readonly version: Version;
}

/** One way in which an installation is not what was sealed. */
export type InstallationProblem = TreeProblem | { readonly path: string; readonly kind: "seal" };

export interface InspectOptions {
  /** Existence, kind, size, mode, and no change since the seal: no file is read. */
  readonly quick: boolean;
  /** Told of every `n` bytes hashed. */
  readonly onBytes?: (n: number) => void;
  /** By absolute path: what was hashed already; the others are hashed here. */
  readonly hashes?: ReadonlyMap<string, Sha256> | undefined;
  /** What `look` saw; left out: it is looked at now. */
  readonly seen?: Seen | undefined;
}

export interface Installations {
  /** Absolute folder of that installation, whether or not it is there. */
  path(engine: string, version: Version): string;
  /** One look, at the folder alone. */
  isThere(engine: string, version: Version): boolean;
  /** Undefined where there is no installation or it has no seal. Errors: `home-damaged` where the seal cannot be read. */
  seal(engine: string, version: Version): Seal | undefined;
  /** Whatever has a folder, sealed or not. */
  list(): InstalledName[];
  /**
   * Renames a verified stage into place, durable when it returns. The same seal there already: the stage is dropped. A folder without
   * a seal is moved aside first. Errors: `release-conflict` where other bytes are sealed under that version.
   */
  adopt(staged: VerifiedStage): void;
  /** The file list of what is there now, seal aside; hashes every file. */
  treeOf(engine: string, version: Version): Tree;
  /** Names, sizes and modes of what is there now, for `inspect`. Errors: `home-damaged` where it is reached through a link. */
  look(engine: string, version: Version, tree: Tree): Seen;
  inspect(engine: string, version: Version, tree: Tree, options: InspectOptions): InstallationProblem[];
  /** Puts a sound file in the place of a damaged one by rename. Errors: `hash-mismatch` before anything is replaced. */
  replaceFile(engine: string, version: Version, file: TreeFile, content: Iterable<Uint8Array>): void;
  removeExtra(engine: string, version: Version, path: string): void;
  /** Sets the exact mode of a file (0444 or 0555), or of a folder (0755) where `executable` is left out. */
  fixMode(engine: string, version: Version, thing: Pick<TreeFile, "path"> & { readonly executable?: boolean }): void;
  /** Writes a seal anew where all else of the installation was found to be sound. */
  fixSeal(seal: Seal): void;
  /** In chunks, each valid until the next; nothing is checked. Errors: `missing`. */
  readFile(engine: string, version: Version, path: string): Iterable<Uint8Array>;
  /** Fills `target` from `offset` on; nothing is checked. Errors: `missing`, `length-mismatch` where the file is shorter. */
  readPart(engine: string, version: Version, path: string, offset: number, target: Uint8Array): void;
  /** Renames the installation out of sight, into staging/; `staging.sweepTrash` deletes it. */
  toTrash(engine: string, version: Version): void;
}

/** engines/<engine>/<version>/: sealed and read-only. */
export function installationsOf(ground: Ground): Installations {
  const { layout, fileSystem, durable, reading } = ground;
  const within = (engine: string, version: Version, path: string) => `${layout.installation(engine, version)}/${path}`;
  const sealPath = (engine: string, version: Version) => within(engine, version, SEAL_NAME);

  function seal(engine: string, version: Version): Seal | undefined {
    return reading.record(sealPath(engine, version), parseSeal);
  }

  function look(engine: string, version: Version, tree: Tree): Seen {
    reading.refuseLinks(layout.engine(engine));
    return lookAt(ground, layout.installation(engine, version), tree);
  }

  function inspect(engine: string, version: Version, tree: Tree, options: InspectOptions): InstallationProblem[] {
    reading.refuseLinks(layout.engine(engine));
    const sealedMs = fileSystem.status(sealPath(engine, version))?.modifiedMs;
    const problems = compareWithTree(ground, layout.installation(engine, version), tree, { ...options, sealedMs });
    return isSealed(engine, version, tree) ? problems : [...problems, { path: SEAL_NAME, kind: "seal" }];
  }

  function isSealed(engine: string, version: Version, tree: Tree): boolean {
    try {
      const found = seal(engine, version);
      return found?.engine === engine && found.version === version && found.tree === ground.treeDigest(tree);
    } catch (error) {
      if (isEngineryError(error, "home-damaged")) return false;
      throw error;
    }
  }

  function replaceFile(engine: string, version: Version, file: TreeFile, content: Iterable<Uint8Array>): void {
    const path = within(engine, version, file.path);
    reading.refuseLinks(layout.engine(engine));
    makeWay(engine, version, file.path);
    const digest = ground.digester.start();
    durable.replaceFrom(path, counted(content, digest.update), modeOf(file), () => {
      if (digest.finish() === file.sha256) return;
      throw new EngineryError("hash-mismatch", `What was to replace ${path} is not what was signed.`, {
        context: { path },
      });
    });
    renewSeal(engine, version);
  }

  /** Whatever is no folder on the way to a file, or no file at its end, gives way. */
  function makeWay(engine: string, version: Version, path: string): void {
    const folders = foldersAbove(path).map((name) => within(engine, version, name));
    for (const folder of [layout.installation(engine, version), ...folders]) {
      const kind = fileSystem.status(folder)?.kind;
      if (kind !== undefined && kind !== "directory") durable.unlink(folder);
      if (kind !== "directory") durable.folder(folder);
    }
    if (fileSystem.status(within(engine, version, path))?.kind === "directory") {
      moveToTrash(within(engine, version, path));
    }
  }

  /** The seal stays newer than every file, by which a quick look tells what was touched. */
  function renewSeal(engine: string, version: Version): void {
    const bytes = reading.file(sealPath(engine, version));
    if (bytes !== undefined) durable.replace(sealPath(engine, version), bytes, SEALED_MODE);
  }

  function moveToTrash(path: string): void {
    fileSystem.makeDirectory(layout.folder("staging"), FOLDER_MODE);
    durable.move(path, layout.trash(ground.identifiers.operation()));
  }

  return {
    path: (engine, version) => layout.installation(engine, version),
    isThere: (engine, version) => fileSystem.status(layout.installation(engine, version))?.kind === "directory",
    seal,
    list: () =>
      foldersIn(layout.folder("engines")).flatMap((engine) =>
        foldersIn(layout.engine(engine)).map((version) => ({ engine, version })),
      ),
    adopt: (staged) => adoptStage(ground, staged, { seal, moveToTrash }),
    treeOf: (engine, version) => treeAt(ground, layout.installation(engine, version)),
    look,
    inspect,
    replaceFile,
    removeExtra: (engine, version, path) => {
      removeAll(fileSystem, within(engine, version, path));
      durable.settleName(within(engine, version, path));
    },
    fixMode: (engine, version, { path, executable }) => {
      fileSystem.changeMode(
        within(engine, version, path),
        executable === undefined ? FOLDER_MODE : modeOf({ executable }),
      );
      durable.settleName(within(engine, version, path));
    },
    fixSeal: (found) => durable.replace(sealPath(found.engine, found.version), canonicalJson(found), SEALED_MODE),
    readFile: (engine, version, path) => chunksOf(fileSystem, within(engine, version, path)),
    readPart: (engine, version, path, offset, target) => {
      reading.refuseLinks(within(engine, version, path));
      readPart(fileSystem, within(engine, version, path), offset, target);
    },
    toTrash: (engine, version) => {
      const path = layout.installation(engine, version);
      if (fileSystem.status(path) === undefined) return;
      moveToTrash(path);
      durable.removeFolder(parentOf(path));
    },
  };

  function foldersIn(path: string): string[] {
    return reading.list(path).flatMap(({ name, kind }) => (kind === "directory" ? name : []));
  }
}

function* counted(content: Iterable<Uint8Array>, seen: (chunk: Uint8Array) => void): Generator<Uint8Array, void> {
  for (const chunk of content) {
    seen(chunk);
    yield chunk;
  }
}
