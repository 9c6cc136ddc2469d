import { EngineryError } from "../core/errors.ts";
import type { FileStatus } from "../ports/file-system.ts";
import type { Home } from "../store/home.ts";
import { type PassedFolder, wayTo } from "./way-to.ts";
import type { World } from "./world.ts";

/** A way in which others than the home's owner could change what it holds, or its owner could be locked out. */
export interface HomeDanger {
  readonly path: string;
  /** One sentence. */
  readonly message: string;
  /** The command that mends it. */
  readonly mend: string;
  /** Whether verbs that change the home are refused; else `doctor` warns. */
  readonly refused: boolean;
}

const OTHERS_WRITE = 0o022;
const EVERYBODY_WRITES = 0o002;
const STICKY = 0o1000;
const ROOT = 0;

/**
 * Who can write to the home can choose what its owner runs. None on Windows, where no modes tell (docs/operations/recovery.md, "Permissions").
 * Cost: one look at each folder on the way and each inner folder.
 */
export function homeDangers(world: World, path: string, folders: readonly string[]): readonly HomeDanger[] {
  if (world.host.userId === undefined) return [];
  const way = wayTo(world.fileSystem, path);
  const own = isThere(world, path) ? way.at(-1) : undefined;
  const above = own === undefined ? way : way.slice(0, -1);
  const inner = folders.flatMap((folder) => {
    const status = world.fileSystem.status(folder);
    return status?.kind === "directory" ? [{ path: folder, status }] : [];
  });
  const dangers = [
    ...above.flatMap((folder) => aboveDangers(world, folder)),
    ...(own === undefined ? [] : ownerDangers(world, own)),
    ...[...(own === undefined ? [] : [own]), ...inner].flatMap(writableDangers),
  ];
  return [...dangers, ...strandedDangers(own, inner)];
}

/** Before anything is written. Errors: `permission`, naming what to change. */
export function requireSafeHome(world: World, home: Pick<Home, "path" | "foundation">): void {
  refuse(homeDangers(world, home.path, home.foundation.folders));
}

/** Before a home is made. Errors: `permission`. */
export function requireSafePlace(world: World, path: string): void {
  refuse(homeDangers(world, path, []));
}

/** Who else could put another folder in the place of one outside the home. */
export function placeDangers(world: World, folder: string): readonly HomeDanger[] {
  const above = wayTo(world.fileSystem, folder).slice(0, -1);
  return above.flatMap((one) => aboveDangers(world, one)).filter(({ refused }) => refused);
}

/** The owner alone: for `doctor --fix`, which mends modes. Errors: `permission`. */
export function requireOwner(world: World, home: Pick<Home, "path">): void {
  const own = world.host.userId === undefined ? undefined : wayTo(world.fileSystem, home.path).at(-1);
  if (own !== undefined) refuse(ownerDangers(world, own));
}

function refuse(dangers: readonly HomeDanger[]): void {
  const danger = dangers.find(({ refused }) => refused);
  if (danger === undefined) return;
  throw new EngineryError("permission", danger.message, {
    hint: `Mend it: ${danger.mend}`,
    context: { path: danger.path },
  });
}

function isThere(world: World, path: string): boolean {
  return world.fileSystem.status(`${path}/.`) !== undefined;
}

/** Whoever may rename in a folder may put another one in the place of what lies in it; a sticky one lets owners alone. */
function aboveDangers(world: World, { path, status }: PassedFolder): HomeDanger[] {
  const dangers: HomeDanger[] = [];
  const others = (status.mode & STICKY) === 0 ? status.mode & OTHERS_WRITE : 0;
  if (others !== 0) {
    const everybody = (others & EVERYBODY_WRITES) !== 0;
    const who = everybody ? "Everybody" : "A group";
    dangers.push({
      path,
      message: `${who} may replace what lies in ${path} (mode ${octal(status)}), the home with its engines too.`,
      mend: `chmod ${everybody ? "go-w" : "g-w"} ${path}`,
      refused: everybody,
    });
  }
  if (status.owner !== ROOT && status.owner !== world.host.userId) {
    dangers.push({
      path,
      message: `${path}, which the home lies below, belongs to ${accountOf(world, status.owner)}, who may replace it.`,
      mend: "Keep the home below folders of its owner or of root.",
      refused: false,
    });
  }
  return dangers;
}

/** What root made in somebody's home its owner could neither change nor remove. */
function ownerDangers(world: World, { path, status }: PassedFolder): HomeDanger[] {
  const { userId } = world.host;
  if (userId === undefined || status.owner === userId) return [];
  const owner = accountOf(world, status.owner);
  const message = `${path} belongs to ${owner}, and this is ${accountOf(world, userId)}.`;
  const mend = `sudo -u ${world.host.accountName?.(status.owner) ?? `'#${status.owner}'`} enginery ...`;
  return [{ path, message, mend, refused: true }];
}

function writableDangers({ path, status }: PassedFolder): HomeDanger[] {
  if ((status.mode & OTHERS_WRITE) === 0) return [];
  const message = `Others than the owner may write to ${path} (mode ${octal(status)}).`;
  return [{ path, message, mend: `chmod go-w ${path}`, refused: true }];
}

/** As after `sudo enginery` with an older Enginery, or a copy made by root. */
function strandedDangers(own: PassedFolder | undefined, inner: readonly PassedFolder[]): HomeDanger[] {
  const foreign = own && inner.find(({ status }) => status.owner !== own.status.owner);
  if (own === undefined || foreign === undefined) return [];
  const message = `${foreign.path} belongs to uid ${foreign.status.owner}, and the home to uid ${own.status.owner}.`;
  return [{ path: foreign.path, message, mend: `chown -R ${own.status.owner} ${own.path}`, refused: true }];
}

function accountOf({ host }: World, id: number): string {
  const name = host.accountName?.(id);
  return name === undefined ? `uid ${id}` : `uid ${id} (${name})`;
}

function octal({ mode }: FileStatus): string {
  return mode.toString(8);
}
