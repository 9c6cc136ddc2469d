import type { ElfProgram } from "../model/program.ts";
import {
  compareNumbers,
  type Lack,
  type LackQuestion,
  loaderLacks,
  missingLibrary,
  otherBuild,
  unreadLacks,
} from "./lack.ts";
import { findLibrary, isLoadersOwn, type Loaded, type Search } from "./library-search.ts";
import { versionLacks } from "./version-lacks.ts";
import { x86Features } from "./x86-level.ts";

const MAX_LIBRARIES = 1000;
const MAX_LOOKS = 20_000;
const KNOWN_X86_LEVELS = 4;
const MAX_SHOWN_FEATURES = 4;

/** The file itself, then every library that the linker would load with it; those of the release are followed, the host's are its own affair. */
export function elfLacks(question: LackQuestion, program: ElfProgram): readonly Lack[] {
  const { path, platform } = question;
  const machine = platform.split("-")[1];
  if (program.machine !== machine) {
    return [otherBuild(question, `${path} is built for the architecture ${program.machine}, this host is ${machine}`)];
  }
  const loader = program.interpreter;
  const lacks = loader === undefined ? [] : loaderLacks(question, loader, "the loader (glibc or musl)");
  // without its loader nothing else is looked for in the right place
  return lacks.length > 0 ? lacks : linkedLacks(question, program);
}

/** Looks as the linker would, breadth first, and takes what is loaded already under the name that is asked for. */
function linkedLacks(question: LackQuestion, program: ElfProgram): readonly Lack[] {
  const { looks, search } = searchFor(question, program);
  const first: Loaded = { path: `${question.folder}/${question.path}`, program };
  const loaded = new Map<string, Loaded>();
  const loader = program.interpreter === undefined ? undefined : search.read(program.interpreter);
  if (loader?.kind === "elf")
    note(loaded, baseOf(program.interpreter ?? ""), { path: program.interpreter ?? "", program: loader });
  const lacks: Lack[] = [];
  const queue = [first];
  for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
    const file = one.path.slice(question.folder.length + 1);
    lacks.push(...ownLacks(question, file, one.program));
    for (const library of one.program.needed) {
      if (loaded.has(library) || isLoadersOwn(search.linker, library)) continue;
      const found = findLibrary(search, library, one);
      if (found === undefined) lacks.push(missingLibrary(file, library));
      else {
        note(loaded, library, found);
        if (found.path.startsWith(`${question.folder}/`)) queue.push(found);
      }
      if (looks() > MAX_LOOKS || loaded.size > MAX_LIBRARIES) {
        return [...lacks, ...unreadLacks(question, "needs libraries in too many places")];
      }
    }
    lacks.push(...versionLacks(file, one.program, loaded, isCertain(search, program)));
  }
  return lacks;
}

function searchFor(question: LackQuestion, program: ElfProgram): { looks: () => number; search: Search } {
  const known = new Map<string, ReturnType<LackQuestion["read"]>>();
  const loader = program.interpreter;
  const isMusl = loader === undefined ? question.platform.endsWith("-musl") : baseOf(loader).startsWith("ld-musl");
  const search: Search = {
    host: question.host,
    linker: isMusl ? "musl" : "glibc",
    loaderFolder: loader?.slice(0, Math.max(0, loader.lastIndexOf("/"))),
    read: (path) => {
      if (!known.has(path) && known.size <= MAX_LOOKS) known.set(path, question.read(path));
      return known.get(path);
    },
  };
  return { looks: () => known.size, search };
}

/** Under the name that was asked for, and the one by which it calls itself: the linker loads neither again. */
function note(loaded: Map<string, Loaded>, name: string, found: Loaded): void {
  loaded.set(name, found);
  const { soname } = found.program;
  if (soname !== undefined && !loaded.has(soname)) loaded.set(soname, found);
}

/** glibc's loader refuses another version of itself; a loader in a place of its own may have libraries of its own beside it. */
function isCertain({ linker }: Search, { interpreter }: ElfProgram): boolean {
  return linker === "glibc" && (interpreter === undefined || /^\/(?:usr\/)?lib/.test(interpreter));
}

function ownLacks(question: LackQuestion, file: string, program: ElfProgram): readonly Lack[] {
  const { host } = question;
  const lacks = [...unreadLacks({ ...question, path: file }, program.unread)];
  const kernel = program.leastKernel;
  if (kernel !== undefined && host.systemVersion.length > 0 && compareNumbers(host.systemVersion, kernel) < 0) {
    lacks.push({
      weight: "certain",
      blame: "host",
      message: `${file} needs the kernel Linux ${kernel.join(".")}, this host runs ${host.systemVersion.join(".")}`,
      mend: "Upgrade this host's kernel, or ask the publisher for a build for an older one.",
    });
  }
  const level = 32 - Math.clz32(program.x86Levels);
  if (host.x86Level !== undefined && level > host.x86Level) lacks.push(levelLack(file, level, host.x86Level));
  return lacks;
}

function levelLack(file: string, level: number, have: number): Lack {
  const missing = x86Features(level, have);
  const some = missing.slice(0, MAX_SHOWN_FEATURES).join(", ");
  const more = missing.length > MAX_SHOWN_FEATURES ? ", ..." : "";
  const what = level > KNOWN_X86_LEVELS ? "more than any level known here" : `${some}${more}`;
  return {
    weight: "certain",
    blame: "host",
    message: `${file} needs a CPU of x86-64-v${level} (${what}), this host's is x86-64-v${have}`,
    mend: `Use a host with such a CPU, or ask the publisher for a build for x86-64-v${have}.`,
  };
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
