import type { WindowsProgram } from "../model/program.ts";
import { compareNumbers, type Lack, type LackQuestion, missingLibrary, otherBuild, unreadLacks } from "./lack.ts";

const WINDOWS = [2, 3];
/** What Windows resolves within itself, and not as files. */
const SYSTEMS_OWN = /^(?:api|ext)-ms-/i;
const MAX_LIBRARIES = 1000;

/** What each machine runs: its own, and what it translates. */
const RUNS: Readonly<Record<string, readonly string[]>> = { x64: ["x64", "ia32"], arm64: ["arm64", "x64", "ia32"] };

export function windowsLacks(question: LackQuestion, program: WindowsProgram): readonly Lack[] {
  const { path, platform, host } = question;
  const machine = platform.split("-")[1] ?? "";
  if (!(RUNS[machine] ?? [machine]).includes(program.machine)) {
    return [otherBuild(question, `${path} is built for the architecture ${program.machine}, this host is ${machine}`)];
  }
  if (program.unread !== undefined) return unreadLacks(question, program.unread);
  if (!program.isLibrary && !WINDOWS.includes(program.subsystem)) {
    return [otherBuild(question, `${path} is no program for Windows (subsystem ${program.subsystem})`)];
  }
  const lacks: Lack[] = [...linkedLacks(question, program)];
  if (host.systemVersion.length > 0 && compareNumbers(host.systemVersion, program.leastSystem) < 0) {
    lacks.push({
      weight: "certain",
      blame: "host",
      message: `${path} needs Windows ${program.leastSystem.join(".")}, this host runs ${host.systemVersion.join(".")}`,
      mend: "Upgrade this host's Windows, or ask the publisher for a build for an older one.",
    });
  }
  return lacks;
}

/** The program's own folder, then the system's, then the PATH. Of a library only that it is there is asked: one with data alone may be of any machine. */
function linkedLacks({ folder, path, host, read }: LackQuestion, first: WindowsProgram): readonly Lack[] {
  const file = `${folder}/${path}`;
  const own = file.slice(0, file.lastIndexOf("/"));
  const folders = [own, ...host.systemFolders, ...host.namedFolders];
  const lacks: Lack[] = [];
  const seen = new Set<string>();
  const queue = [{ file: path, program: first }];
  for (let one = queue.shift(); one !== undefined && seen.size < MAX_LIBRARIES; one = queue.shift()) {
    for (const name of one.program.needed) {
      if (SYSTEMS_OWN.test(name) || seen.has(name.toLowerCase())) continue;
      seen.add(name.toLowerCase());
      const place = /[\\/:]/.test(name) ? undefined : folders.find((one) => read(`${one}/${name}`) !== undefined);
      if (place === undefined) lacks.push(missingLibrary(one.file, name));
      const found = place === undefined ? undefined : read(`${own}/${name}`);
      if (found?.kind === "pe") queue.push({ file: `${own}/${name}`.slice(folder.length + 1), program: found });
    }
  }
  return lacks;
}
