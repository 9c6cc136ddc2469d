import { isLongOnWindows, outOfReachOf, SHORTER_HOME } from "../core/long-path.ts";
import type { Generation } from "../core/model/home.ts";
import type { Manifest } from "../core/model/manifest.ts";
import type { Generations } from "./generations.ts";
import type { Ground } from "./ground.ts";
import { indexTexts, libraryLinks } from "./launcher-index.ts";
import { launcherTexts } from "./launchers.ts";
import { FOLDER_MODE, RECORD_MODE } from "./layout.ts";
import { removeAll } from "./removal.ts";

const LAUNCHER_MODE = 0o755;

/** What is derived from a generation: the launchers' index, bin/ and lib/. */
export interface Views {
  /** The launchers' index of a generation, durable when it returns: to be called before that generation is committed. */
  writeIndex(next: Generation, manifest: Manifest): void;
  /**
   * Rebuilds bin/ and lib/, and the index where it is missing, unless `isIndexed` says that `writeIndex` has just been asked; removes the
   * indexes that no launcher reads. Idempotent.
   */
  settle(newest: Generation, manifest: Manifest, isIndexed?: boolean): void;
  /** Paths within the home of what `settle` would make anew. */
  outdated(newest: Generation, manifest: Manifest): string[];
  /** The launchers that `cmd` cannot start, as paths within the home: none but on Windows. */
  outOfReach(newest: Generation): string[];
}

const MAX_LAUNCHER_BYTES = 64 * 1024;
/** Stands for a path in a text, and is none. */
const NO_PATH = "\0";

export function viewsOf(ground: Ground, generations: Generations): Views {
  const { layout, fileSystem, durable, reading, identifiers, host, reporter } = ground;
  const isWindows = () => host.platform.startsWith("win32");

  /** The folder's name holds the operation: another writer at the same number never touches ours. */
  function writeIndex(next: Generation, manifest: Manifest): void {
    const place = layout.index(next.number, next.operation);
    const texts = indexTexts(next, manifest);
    if (holds(place, texts)) {
      // Whoever renamed it may have died before its name was on disk.
      durable.settleName(place);
      return;
    }
    if (fileSystem.status(place) !== undefined) durable.move(place, layout.trash(identifiers.operation()));
    const staged = layout.temporary(identifiers.operation());
    try {
      stageIndex(staged, texts);
      durable.move(staged, place);
    } catch (error) {
      removeAll(fileSystem, staged);
      throw error;
    }
  }

  function stageIndex(staged: string, texts: ReadonlyMap<string, string>): void {
    fileSystem.makeDirectory(layout.folder("staging"), FOLDER_MODE);
    fileSystem.makeDirectory(staged, FOLDER_MODE);
    for (const [engine, text] of texts) {
      using handle = fileSystem.createExclusive(`${staged}/${engine}`, RECORD_MODE);
      handle?.write(new TextEncoder().encode(text));
    }
    durable.tree(
      [...texts.keys()].map((engine) => `${staged}/${engine}`),
      [staged],
    );
  }

  function holds(place: string, texts: ReadonlyMap<string, string>): boolean {
    const there = reading.list(place).map(({ name }) => name);
    return there.length === texts.size && there.every((name) => isText(`${place}/${name}`, texts.get(name)));
  }

  function isText(path: string, text: string | undefined): boolean {
    return text !== undefined && textOf(path, 4 * text.length) === text;
  }

  /** Undefined where there is no plain file, or one of more bytes. */
  function textOf(path: string, maxBytes: number): string | undefined {
    const status = fileSystem.status(path);
    if (status?.kind !== "file" || status.bytes > maxBytes) return undefined;
    return new TextDecoder().decode(fileSystem.readFile(path));
  }

  function removeOldIndexes(newest: Generation): void {
    const folder = layout.folder("index");
    for (const { name } of reading.list(folder)) {
      const number = Number(/^(\d{8,15})\./.exec(name)?.[1] ?? 0);
      // A higher number is a writer's who has not committed yet.
      if (number > newest.number || `${folder}/${name}` === layout.index(newest.number, newest.operation)) continue;
      removeAll(fileSystem, `${folder}/${name}`);
    }
  }

  const hasLauncherMode = (path: string) => isWindows() || fileSystem.status(path)?.mode === LAUNCHER_MODE;

  /** Another Enginery that it hands over to is as good; all else of it is as it would be made now. */
  function isLauncher(path: string, [before = "", after = ""]: readonly string[]): boolean {
    const text = textOf(path, MAX_LAUNCHER_BYTES);
    const isOurs = text?.startsWith(before) === true && text.endsWith(after);
    return isOurs && text.length >= before.length + after.length && hasLauncherMode(path);
  }

  function rebuildLaunchers(newest: Generation): void {
    const folder = layout.folder("bin");
    const texts = launchersOf(newest, host.command);
    fileSystem.makeDirectory(folder, FOLDER_MODE);
    let isNew = false;
    for (const [name, text] of texts) {
      const path = `${folder}/${name}`;
      const isRight = isText(path, text) && hasLauncherMode(path);
      if (!isRight) durable.replace(path, new TextEncoder().encode(text), LAUNCHER_MODE);
      isNew ||= !isRight;
    }
    removeOthers(folder, texts);
    const beyond = isNew ? outOfReach(newest) : [];
    if (beyond.length > 0) reporter.warn("long-path", `${outOfReachOf(beyond)} Call enginery exec. ${SHORTER_HOME}`);
  }

  function outOfReach(newest: Generation): string[] {
    if (!isWindows()) return [];
    const folder = layout.folder("bin");
    const paths = [...launchersOf(newest, host.command).keys()].map((name) => `${folder}/${name}`);
    const beyond = isLongOnWindows(host.command ?? "") ? paths : paths.filter(isLongOnWindows);
    return beyond.map((path) => path.slice(layout.home.length + 1));
  }

  function rebuildLibraries(newest: Generation): void {
    const folder = layout.folder("lib");
    const { links: found, conflicts } = libraryLinks(newest);
    // A link there needs a privilege that few have.
    const links: ReadonlyMap<string, string> = isWindows() ? new Map() : found;
    for (const name of conflicts)
      reporter.warn("derived-views", `lib/${name} is claimed by two releases and left out.`);
    fileSystem.makeDirectory(folder, FOLDER_MODE);
    for (const [name, path] of links) {
      const target = `../${path}`;
      if (fileSystem.readLink(`${folder}/${name}`) !== target) durable.symlink(target, `${folder}/${name}`);
    }
    removeOthers(folder, links);
  }

  function removeOthers(folder: string, wanted: ReadonlyMap<string, string>): void {
    for (const { name } of reading.list(folder)) {
      if (!wanted.has(name)) removeAll(fileSystem, `${folder}/${name}`);
    }
  }

  function launchersOf(newest: Generation, command: string | undefined): ReadonlyMap<string, string> {
    return launcherTexts(newest, { home: layout.home, command, windows: isWindows() });
  }

  function outdated(newest: Generation, manifest: Manifest): string[] {
    const place = layout.index(newest.number, newest.operation);
    const within = (path: string) => path.slice(layout.home.length + 1);
    const launchers = [...launchersOf(newest, NO_PATH)];
    const links = isWindows() ? [] : [...libraryLinks(newest).links];
    return [
      ...(holds(place, indexTexts(newest, manifest)) ? [] : [within(place)]),
      ...launchers
        .filter(([name, text]) => !isLauncher(`${layout.folder("bin")}/${name}`, text.split(NO_PATH)))
        .map(([name]) => `bin/${name}`),
      ...links
        .filter(([name, path]) => fileSystem.readLink(`${layout.folder("lib")}/${name}`) !== `../${path}`)
        .map(([name]) => `lib/${name}`),
    ];
  }

  return {
    writeIndex,
    outdated,
    outOfReach,
    settle: (newest, manifest, isIndexed = false) => {
      // Whoever committed since settles what is newer.
      if (generations.numbers().at(-1) !== newest.number) return;
      if (!isIndexed) writeIndex(newest, manifest);
      rebuildLaunchers(newest);
      rebuildLibraries(newest);
      removeOldIndexes(newest);
    },
  };
}
