import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const RESULTS = join(import.meta.dirname, "..", "RESULTS.md");

const HEAD = `# Results

Made by \`npm run bench\`, a section a part; a run that was asked for some parts leaves the others as they were. Times are told as
ratios of things run in turns within one round. Ratios say something on another machine too, milliseconds do not.
`;

/** In the order of the page. */
const SECTIONS = [
  "limits",
  "machine",
  "install",
  "verify",
  "no-op",
  "upgrade",
  "rollback",
  "prune",
  "start",
  "single-file",
  "launcher",
  "growth",
  "memory",
  "commands",
];

export interface Section {
  readonly name: string;
  readonly text: string;
}

/** Writes the sections that were made anew, beside those that were not. */
export function writeSections(made: readonly Section[]): void {
  const sections = new Map(readSections().map(({ name, text }) => [name, text]));
  for (const { name, text } of made) sections.set(name, text.trim());
  const pages = SECTIONS.flatMap((name) => {
    const text = sections.get(name);
    return text === undefined ? [] : [`<!-- part: ${name} -->\n\n${text}\n`];
  });
  writeFileSync(RESULTS, `${HEAD}\n${pages.join("\n")}`);
}

function readSections(): readonly Section[] {
  if (!existsSync(RESULTS)) return [];
  const [, ...parts] = readFileSync(RESULTS, "utf8").split(/^<!-- part: /m);
  return parts.map((part) => {
    const [name = "", ...text] = part.split(" -->");
    return { name, text: text.join(" -->").trim() };
  });
}
