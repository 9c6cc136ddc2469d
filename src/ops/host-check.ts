import { isEngineryError } from "../core/errors.ts";
import type { Program } from "../core/model/program.ts";
import { straightened } from "../core/program/library-search.ts";
import { type Lack, programLacks } from "../core/program/program-lacks.ts";
import { readProgram } from "../core/program/read-program.ts";
import type { World } from "./world.ts";

const MAX_LINKS = 40;
/** What the kernel makes up as it is read: nothing there is a library, and a read of it may wait for ever. */
const NO_FILES = /^\/(?:proc|sys|dev)\//;

/** What `path` within `folder`, and what it loads, needs and this host has not: from the files alone, nothing is run. */
export function lacksOf(world: World, folder: string, path: string): readonly Lack[] {
  const { host } = world;
  return programLacks({
    folder,
    path,
    platform: host.platform,
    host: host.abilities(),
    read: (file) => programAt(world, file),
  });
}

/** Undefined where there is no file; one that cannot be read is there and tells nothing. */
function programAt(world: World, path: string): Program | undefined {
  try {
    const file = realFile(world, path);
    if (file === undefined) return undefined;
    using handle = world.fileSystem.openRead(file);
    return readProgram(handle);
  } catch (error) {
    if (isEngineryError(error)) return { kind: "unknown" };
    throw error;
  }
}

/** What stands at the end of a chain of links, where that is a plain file: the host's libraries are links to one another. */
function realFile({ fileSystem, host }: World, path: string): string | undefined {
  const isWindows = host.platform.startsWith("win32");
  let file = path;
  for (let links = 0; links <= MAX_LINKS; links += 1) {
    if (!isWindows && NO_FILES.test(file)) return undefined;
    const kind = fileSystem.status(file)?.kind;
    if (kind !== "link") return kind === "file" ? file : undefined;
    const to = fileSystem.readLink(file);
    if (to === undefined) return undefined;
    file = isWindows || to.startsWith("/") ? to : straightened(`${file.slice(0, file.lastIndexOf("/"))}/${to}`);
  }
  return undefined;
}
