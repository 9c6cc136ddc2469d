import { join } from "node:path";
import { checkLedger } from "./ledger.ts";
import { isWhole, listOf, modeOf, recordAt, sha256, statusOf, type Tell } from "./reading.ts";

const ENGINE = "[a-z][a-z0-9._-]*";
const VERSION = "\\d+\\.\\d+\\.\\d+(?:-[0-9A-Za-z.-]+)?";
const HASH = "[0-9a-f]{64}";
const NUMBER = "\\d{8,15}";

/** Names below the home that may be there; a file's mode, or `folder`, `link`, `any`. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(VERSION|LEASES|CREATING|config\.json|hold\.json|ledger\.jsonl|\.writer-holder)$/, "644"],
  [
    /^(\.writer|staging|trust|manifests|trees|generations|engines|pins|leases|marks|clock|quarantine|cache|index|bin|lib)$/,
    "folder",
  ],
  // What doctor --fix moved aside.
  [/^config\.damaged-[0-9a-f]+\.json$/, "any"],
  [new RegExp(`^trust/${NUMBER}\\.damaged-[0-9a-f]+$`), "any"],
  [new RegExp(`^generations/${NUMBER}\\.damaged-[0-9a-f]+$`), "any"],
  [new RegExp(`^trust/${NUMBER}$`), "folder"],
  [new RegExp(`^trust/${NUMBER}/[a-z0-9][a-z0-9._-]*\\.json$`), "644"],
  [new RegExp(`^(manifests|trees|quarantine)/${HASH}\\.json$`), "644"],
  [new RegExp(`^generations/${NUMBER}\\.json$`), "644"],
  [new RegExp(`^generations/${NUMBER}\\.claim$`), "folder"],
  [new RegExp(`^engines/${ENGINE}(/${VERSION})?$`), "folder"],
  [/^pins\/[0-9a-f]{2}$/, "folder"],
  [new RegExp(`^pins/[0-9a-f]{2}/${HASH}\\.json$`), "644"],
  [new RegExp(`^leases/${ENGINE}@${VERSION}\\.[^./]+\\.json$`), "644"],
  [new RegExp(`^marks/${ENGINE}@${VERSION}$`), "644"],
  [/^clock\/((observed|watcher|alarms)\.json|\.writer-holder)$/, "644"],
  [/^clock\/\.writer$/, "folder"],
  [new RegExp(`^index/${NUMBER}\\.[0-9a-f]+$`), "folder"],
  [new RegExp(`^index/${NUMBER}\\.[0-9a-f]+/${ENGINE}(@hosts)?$`), "644"],
  [new RegExp(`^bin/${ENGINE}(\\.cmd)?$`), "755"],
  [/^lib\/lib[^/]+\.so\.\d+\.\d+$/, "link"],
];

/** Disposable, or looked at elsewhere (what lies in an installation). */
const PASSED_OVER = new RegExp(
  `^(staging|cache|(clock/)?\\.writer)/|^trust/[^/]*\\.damaged-[^/]*/|^engines/${ENGINE}/${VERSION}/`,
);

/** Every name outside staging/ and cache/ is one of the contract's, of its kind and mode, and every record is whole. */
export function checkNames(home: string, tell: Tell): void {
  for (const path of pathsBelow(home, "")) {
    const expected = NAMES.find(([pattern]) => pattern.test(path))?.[1];
    const status = statusOf(join(home, path));
    if (status === undefined) continue;
    const kind = status.isDirectory() ? "folder" : status.isSymbolicLink() ? "link" : modeOf(status);
    if (expected === undefined) tell(path, "is no name of the layout");
    else if (expected === "any") continue;
    else if (kind !== expected) tell(path, `is ${kind}, and should be ${expected}`);
    if (kind === "folder" && !path.endsWith(".writer") && modeOf(status) !== "755")
      tell(path, `has mode ${modeOf(status)}`);
    if (expected === "644") checkRecord(home, path, tell);
  }
}

function pathsBelow(home: string, folder: string): string[] {
  return listOf(join(home, folder)).flatMap((name) => {
    const path = join(folder, name);
    if (PASSED_OVER.test(`${path}`)) return [];
    return [path, ...(statusOf(join(home, path))?.isDirectory() ? pathsBelow(home, path) : [])];
  });
}

function checkRecord(home: string, path: string, tell: Tell): void {
  const hash = /^(?:manifests|trees)\/(.*)\.json$/.exec(path)?.[1];
  if (hash !== undefined && !isWhole(join(home, path), hash)) tell(path, "does not hold the bytes of its name");
  if (path === "ledger.jsonl") checkLedger(home, tell);
  if (!path.endsWith(".json") && !path.startsWith("marks/")) return;
  const record = recordAt(home, path);
  if (record === undefined) {
    // A lease is not flushed, and one that cannot be read keeps its installation.
    if (!path.startsWith("leases/")) tell(path, "cannot be read");
    return;
  }
  const isOurs = /^(generations|pins|leases|marks|clock|quarantine)\/|^hold\.json$/.test(path);
  if (isOurs && record["format"] !== 1) tell(path, "has another format than 1");
  if (path.startsWith("pins/")) {
    const name = sha256(`${record["tenant"]}\0${record["engine"]}`);
    if (path !== `pins/${name.slice(0, 2)}/${name}.json`) tell(path, "has the name of another pin");
  }
}
