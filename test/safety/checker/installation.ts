import { join } from "node:path";
import { isWhole, type Json, listOf, modeOf, recordAt, statusOf, type Tell } from "./reading.ts";

/** What a generation names: there, of that tree, size and number of files. */
export function checkInstallation(home: string, installation: Json, generation: number, tell: Tell): void {
  const { engine, version, tree, bytes, files, entries } = installation;
  const place = join("engines", engine, version);
  const why = `and generation ${generation} names it`;
  if (!statusOf(join(home, place))?.isDirectory()) {
    tell(place, `is missing, ${why}`);
    return;
  }
  const seal = recordAt(home, join(place, "SEAL.json"));
  if (seal?.["tree"] !== tree) {
    tell(join(place, "SEAL.json"), `seals another tree, ${why}`);
    return;
  }
  if (seal?.["bytes"] !== bytes || seal?.["files"] !== files)
    tell(join(place, "SEAL.json"), "counts otherwise than its generation");
  for (const { path } of Object.values(entries as Json) as Json[]) {
    if (!statusOf(join(home, place, path))?.isFile()) tell(join(place, path), `is missing, ${why} as an entry point`);
  }
}

/** Whatever lies in engines/ is sealed and whole, named by a generation or not: it got there by one rename. */
export function checkInstallations(home: string, tell: Tell): void {
  for (const engine of listOf(join(home, "engines"))) {
    for (const version of listOf(join(home, "engines", engine))) checkSealed(home, engine, version, tell);
  }
}

function checkSealed(home: string, engine: string, version: string, tell: Tell): void {
  const place = join("engines", engine, version);
  const seal = recordAt(home, join(place, "SEAL.json"));
  if (seal === undefined) {
    tell(place, "has no seal that can be read");
    return;
  }
  if (seal["engine"] !== engine || seal["version"] !== version) tell(place, "has the seal of another release");
  const list = join("trees", `${seal["tree"]}.json`);
  if (!isWhole(join(home, list), String(seal["tree"]))) {
    tell(list, `is not whole, and ${place} is sealed with it`);
    return;
  }
  const wanted = new Map(
    ((recordAt(home, list)?.["files"] ?? []) as Json[]).map((file) => [file["path"] as string, file]),
  );
  for (const path of filesBelow(home, place, "", tell)) {
    const file = wanted.get(path);
    const isSeal = path === "SEAL.json";
    if (file === undefined && !isSeal) tell(join(place, path), "is extra");
    const mode = modeOf(statusOf(join(home, place, path)) as NonNullable<ReturnType<typeof statusOf>>);
    if (mode !== (file?.["executable"] ? "555" : "444")) tell(join(place, path), `has mode ${mode}`);
    if (file !== undefined) checkFile(home, join(place, path), file, tell);
    wanted.delete(path);
  }
  for (const path of wanted.keys()) tell(join(place, path), "is missing");
}

function checkFile(home: string, path: string, { bytes, sha256 }: Json, tell: Tell): void {
  if (statusOf(join(home, path))?.size !== bytes) tell(path, "has another size");
  if (!isWhole(join(home, path), sha256)) tell(path, "has another hash");
}

function filesBelow(home: string, place: string, folder: string, tell: Tell): string[] {
  const here = join(place, folder);
  const status = statusOf(join(home, here));
  if (status !== undefined && modeOf(status) !== "755") tell(here, `has mode ${modeOf(status)}`);
  return listOf(join(home, here)).flatMap((name) => {
    const found = statusOf(join(home, here, name));
    if (found?.isDirectory()) return filesBelow(home, place, join(folder, name), tell);
    if (!found?.isFile()) tell(join(here, name), "is neither file nor folder");
    return found?.isFile() ? [join(folder, name)] : [];
  });
}
