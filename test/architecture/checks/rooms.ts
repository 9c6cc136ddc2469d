import { allImports, fileOf, type ImportStatement, libraryOf } from "../support/modules.ts";
import type { Files } from "../support/tree.ts";

interface Room {
  /** Rooms whose files it may import; `core types`: by `import type` alone. */
  readonly rooms: readonly (RoomName | "core types")[];
  readonly node: boolean;
  readonly libraries: readonly string[] | "any";
}

export type RoomName = "core" | "ports" | "store" | "ops" | "cli" | "adapters" | "main";

/** Libraries that are pure: no clock, no disk, no network, nothing at import time. */
export const PURE_LIBRARIES = ["semver", "valibot"];

/** The import table of docs/ARCHITECTURE.md. */
export const ROOMS: Readonly<Record<RoomName, Room>> = {
  core: { rooms: ["core"], node: false, libraries: PURE_LIBRARIES },
  ports: { rooms: ["ports", "core types"], node: false, libraries: [] },
  store: { rooms: ["store", "core", "ports"], node: false, libraries: PURE_LIBRARIES },
  ops: { rooms: ["ops", "core", "ports", "store"], node: false, libraries: PURE_LIBRARIES },
  cli: { rooms: ["cli", "core", "ops"], node: false, libraries: ["commander", ...PURE_LIBRARIES] },
  adapters: { rooms: ["adapters", "ports", "core"], node: true, libraries: "any" },
  main: { rooms: ["main", "core", "ports", "store", "ops", "cli", "adapters"], node: true, libraries: [] },
};

/** The files directly in src/. There are no others. */
export const MAIN_FILES = ["src/main.ts", "src/compose.ts", "src/index.ts", "src/tuf-client.ts"];

export function roomOf(path: string): RoomName | undefined {
  if (MAIN_FILES.includes(path)) return "main";
  const folder = /^src\/([^/]+)\//.exec(path)?.[1];
  return folder !== undefined && folder !== "main" && Object.hasOwn(ROOMS, folder) ? (folder as RoomName) : undefined;
}

/** What breaks the import table: one sentence each. Types count too: a room that names another's types knows that room. */
export function checkRooms(files: Files): string[] {
  const homeless = [...files.keys()]
    .filter((path) => path.startsWith("src/") && roomOf(path) === undefined)
    .map((path) => `${path} is in no room of src/`);
  return [...homeless, ...allImports(files).flatMap((statement) => checkImport(statement, files))];
}

function checkImport(statement: ImportStatement, files: Files): string[] {
  const name = roomOf(statement.from);
  if (name === undefined) return [];
  const room = ROOMS[name];
  const where = `${statement.from}:${statement.line}: ${name} may not import`;
  if (statement.specifier === "(computed)") return name === "adapters" ? [] : [`${where} by a computed name`];

  const library = libraryOf(statement);
  if (library !== undefined) {
    if (isNodeModule(library)) return [`${where} ${library} without node:`];
    return room.libraries === "any" || room.libraries.includes(library) ? [] : [`${where} the library ${library}`];
  }
  if (statement.specifier.startsWith("node:")) return room.node ? [] : [`${where} ${statement.specifier}`];

  const file = fileOf(statement) ?? "";
  // `import data from "../package.json"` is no room's business; where it is allowed at all, main does it.
  if (!file.startsWith("src/"))
    return name === "main" && file.endsWith(".json") ? [] : [`${where} ${file}, outside src/`];
  if (!files.has(file)) return [`${where} ${file}, which is not there`];
  const other = roomOf(file);
  if (other === undefined) return [];
  if (room.rooms.includes(other)) return [];
  if (other === "core" && room.rooms.includes("core types")) {
    return statement.how === "type" ? [] : [`${where} more than types of core: ${file}`];
  }
  return [`${where} ${other}: ${file}`];
}

function isNodeModule(library: string): boolean {
  return [
    "fs",
    "path",
    "os",
    "crypto",
    "child_process",
    "util",
    "stream",
    "http",
    "https",
    "net",
    "zlib",
    "url",
  ].includes(library);
}
