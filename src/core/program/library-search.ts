import type { ElfProgram, HostAbilities, Program } from "../model/program.ts";

/** A library or program that the linker has in hand. */
export interface Loaded {
  /** Absolute. */
  readonly path: string;
  readonly program: ElfProgram;
  /** What asked for it. */
  readonly by?: Loaded;
}

export interface Search {
  readonly host: HostAbilities;
  readonly linker: "glibc" | "musl";
  /** Absolute folder of the loader itself, which is looked into like the system's own. */
  readonly loaderFolder: string | undefined;
  /** Undefined where there is no file of that path that can be read. */
  readonly read: (path: string) => Program | undefined;
}

/** What musl's loader takes for itself whatever the file is called. */
const MUSL_OWN = /^lib(?:c|pthread|rt|m|dl|util|xnet)\./;
/** Where systems put their own 64-bit libraries: what `$LIB` may stand for. */
const LIB_FOLDERS = ["lib", "lib64"];

/** Whether the loader has that library within itself. */
export function isLoadersOwn(linker: Search["linker"], name: string): boolean {
  return linker === "musl" && MUSL_OWN.test(name);
}

/** The first file of that name where the linker looks, for the same machine; undefined where there is none. */
export function findLibrary(search: Search, name: string, by: Loaded): Loaded | undefined {
  for (const path of candidates(search, name, by)) {
    const program = search.read(path);
    // the linker passes over what is for another machine
    if (program?.kind !== "elf" || program.machine !== by.program.machine || program.bits !== by.program.bits) continue;
    return { path, program, by };
  }
  return undefined;
}

function* candidates(search: Search, name: string, by: Loaded): Generator<string> {
  if (name.includes("/")) {
    yield* expanded(name, by);
    return;
  }
  for (const folder of folders(search, by)) yield `${folder}/${name}`;
  if (by.program.ownFoldersOnly) return;
  if (search.linker === "glibc") yield* search.host.cachedLibraries.get(name) ?? [];
  const own = search.loaderFolder === undefined ? [] : [search.loaderFolder];
  for (const folder of [...own, ...search.host.systemFolders]) yield `${folder}/${name}`;
}

/** In the order of ld.so(8): RPATH up the chain where there is no RUNPATH, the environment, RUNPATH. musl: the environment, then both up the chain. */
function folders({ host, linker }: Search, by: Loaded): readonly string[] {
  const chain = chainOf(by);
  const put = (loaded: Loaded, list: readonly string[]) => list.flatMap((folder) => expanded(folder, loaded));
  if (linker === "musl") {
    const inherited = chain.flatMap((one) => put(one, [...one.program.rpath, ...one.program.runpath]));
    return [...host.namedFolders, ...inherited];
  }
  const hasRunpath = by.program.runpath.length > 0;
  const withRpath = hasRunpath ? [] : chain.filter(({ program }) => program.runpath.length === 0);
  const inherited = withRpath.flatMap((one) => put(one, one.program.rpath));
  return [...inherited, ...host.namedFolders, ...put(by, by.program.runpath)];
}

function chainOf(from: Loaded): readonly Loaded[] {
  const chain: Loaded[] = [];
  for (let one: Loaded | undefined = from; one !== undefined; one = one.by) chain.push(one);
  return chain;
}

/** With `$ORIGIN` put in; nothing where it leads from the working folder, which nobody promises. */
function expanded(text: string, { path }: Loaded): readonly string[] {
  const origin = path.slice(0, path.lastIndexOf("/"));
  const withOrigin = text.replaceAll(/\$(?:ORIGIN\b|\{ORIGIN\})/g, () => origin);
  const forms = /\$(?:LIB\b|\{LIB\})/.test(withOrigin)
    ? LIB_FOLDERS.map((folder) => withOrigin.replaceAll(/\$(?:LIB\b|\{LIB\})/g, () => folder))
    : [withOrigin];
  return forms.filter((form) => form.startsWith("/")).map(straightened);
}

/** Without `.`, `..` and empty parts. */
export function straightened(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
