import type { MachOProgram, MachOSlice } from "../model/program.ts";
import { compareNumbers, type Lack, type LackQuestion, missingLibrary, otherBuild, unreadLacks } from "./lack.ts";
import { straightened } from "./library-search.ts";

const MAX_LIBRARIES = 1000;
/** What the system keeps in one cache of its own, and not as files. */
const SYSTEMS_OWN = /^\/(?:usr\/lib|System)\//;

export function machOLacks(question: LackQuestion, program: MachOProgram): readonly Lack[] {
  const { path, platform, host } = question;
  const machine = platform.split("-")[1] ?? "";
  const slice = sliceFor(program, machine);
  if (slice === undefined) {
    const unread = unreadLacks(question, program.unread);
    if (unread.length > 0) return unread;
    const others = program.slices.map((one) => one.machine).join(", ");
    return [otherBuild(question, `${path} is built for the architecture ${others}, this host is ${machine}`)];
  }
  if (slice.system !== "macOS") return [otherBuild(question, `${path} is built for ${slice.system}`)];
  const lacks = [...unreadLacks(question, program.unread), ...linkedLacks(question, slice)];
  if (slice.machine !== machine) {
    lacks.push({
      weight: "likely",
      blame: "host",
      message: `${path} is built for the architecture ${slice.machine}, this host is ${machine} and needs Rosetta for it`,
      mend: "Install Rosetta: softwareupdate --install-rosetta",
    });
  }
  const least = slice.leastSystem;
  if (least !== undefined && host.systemVersion.length > 0 && compareNumbers(host.systemVersion, least) < 0) {
    lacks.push({
      weight: "likely",
      blame: "host",
      message: `${path} needs macOS ${least.join(".")}, this host runs ${host.systemVersion.join(".")}`,
      mend: "Upgrade this host's macOS, or ask the publisher for a build for an older one.",
    });
  }
  return lacks;
}

/** Its own, else what Rosetta would translate. */
function sliceFor({ slices }: MachOProgram, machine: string): MachOSlice | undefined {
  const translated = machine === "arm64" ? "x64" : machine;
  return slices.find((one) => one.machine === machine) ?? slices.find((one) => one.machine === translated);
}

function linkedLacks(question: LackQuestion, first: MachOSlice): readonly Lack[] {
  const program = `${question.folder}/${question.path}`;
  const lacks: Lack[] = [];
  const seen = new Set([program]);
  const queue = [{ path: program, slice: first, rpath: ownFolders(program, program, first) }];
  for (let one = queue.shift(); one !== undefined && seen.size < MAX_LIBRARIES; one = queue.shift()) {
    for (const name of one.slice.needed) {
      if (SYSTEMS_OWN.test(name)) continue;
      const places = placesOf(name, one.path, program, one.rpath);
      const path =
        places.find((place) => seen.has(place)) ?? places.find((place) => question.read(place) !== undefined);
      if (path === undefined) lacks.push(missingLibrary(one.path.slice(question.folder.length + 1), name));
      if (path === undefined || seen.has(path) || !path.startsWith(`${question.folder}/`)) continue;
      seen.add(path);
      const found = question.read(path);
      const slice =
        found?.kind === "mach-o" ? found.slices.find(({ machine }) => machine === first.machine) : undefined;
      if (slice !== undefined) queue.push({ path, slice, rpath: [...one.rpath, ...ownFolders(path, program, slice)] });
    }
  }
  return lacks;
}

function ownFolders(path: string, program: string, { rpath }: MachOSlice): readonly string[] {
  return rpath.flatMap((folder) => placesOf(folder, path, program, []));
}

function placesOf(name: string, path: string, program: string, rpath: readonly string[]): readonly string[] {
  const folderOf = (file: string) => file.slice(0, file.lastIndexOf("/"));
  if (name.startsWith("@rpath/"))
    return rpath.slice(0, 100).map((folder) => straightened(`${folder}/${name.slice(7)}`));
  const put = name
    .replace(/^@loader_path(?=\/|$)/, () => folderOf(path))
    .replace(/^@executable_path(?=\/|$)/, () => folderOf(program));
  return put.startsWith("/") ? [straightened(put)] : [];
}
