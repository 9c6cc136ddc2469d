import { type CarriedPackage, carriedPackages, lockedPackages, nameOf } from "../supply/carried.ts";
import { tableOf } from "./markdown.ts";

/** What may be carried within a program under the Apache License 2.0 with no more than its notice. */
const TAKEN = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC-BY-3.0",
  "CC0-1.0",
  "ISC",
  "MIT",
];
const NODE = /^node-(?:bin-)?(?:linux|darwin|win)-/;

/** docs/LICENCES.md. Throws where the build carries what is under none of these licences. */
export function licencesPage(root: string): string {
  const carried = carriedPackages(root);
  for (const each of carried) requireTaken(each);
  const nodes = Object.entries(lockedPackages(root)).filter(([folder]) => NODE.test(nameOf(folder)));
  return [
    "# Licences",
    "",
    "<!-- made by `npm run docs` from package-lock.json and what the build carries -->",
    "",
    "Enginery is under the [Apache License 2.0](../LICENSE). What others wrote and the built program carries within itself is",
    "listed here; the texts are in `dist/LICENCES.txt` beside it. What is needed to build and to test alone, and is in nothing",
    "that is shipped, is in `package-lock.json`. `npm run docs:check` fails where this page is behind, or where a licence is none of",
    `these: ${TAKEN.join(", ")}.`,
    "",
    `## Carried within the program: ${carried.length}`,
    "",
    tableOf(
      ["name", "version", "licence"],
      carried.map(({ name, version, license = "" }) => [`\`${name}\``, version, license]),
    ),
    "",
    "## Node itself",
    "",
    "An installation by npm takes one of these where it may, and a single file is made of one. Each holds a Node with the libraries that",
    "Node's own licence file lists (V8, OpenSSL, ICU, zlib and others).",
    "",
    tableOf(
      ["name", "version", "licence"],
      nodes.map(([folder, { version, license = "" }]) => [`\`${nameOf(folder)}\``, version, license]),
    ),
    "",
  ].join("\n");
}

/** Of a choice one is enough; of a sum all are needed. */
function requireTaken({ name, license = "" }: CarriedPackage): void {
  const choices = license.replace(/[()]/g, "").split(" OR ");
  if (choices.some((choice) => choice.split(" AND ").every((each) => TAKEN.includes(each)))) return;
  throw new Error(`${name} is carried and its licence is ${license || "not told"}: not one of ${TAKEN.join(", ")}.`);
}
