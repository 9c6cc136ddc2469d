// Makes the pages that tables of the code say: `node scripts/docs.ts`. With --check it changes nothing and fails where one is behind.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { VERBS } from "../src/cli/commands/table.ts";
import { SHELLS } from "../src/cli/completions/model.ts";
import { completionScript, SCRIPT_FILES } from "../src/cli/completions/script.ts";
import { commandLinePart } from "./docs/command-line.ts";
import { environmentPage } from "./docs/environment.ts";
import { errorsPage } from "./docs/errors.ts";
import { licencesPage } from "./docs/licences.ts";
import { manualPage } from "./docs/man.ts";
import { scheduleImage } from "./docs/schedule-image.ts";
import { watchPart } from "./docs/watch.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const beginOf = (source: string) => `<!-- made by \`npm run docs\` from ${source}: begin -->`;
const WATCH_PAGE = "docs/operations/watch.md";
const END = "<!-- made by `npm run docs`: end -->";

/** Path within the project to what it must hold. */
export function generatedFiles(read: (path: string) => string): ReadonlyMap<string, string> {
  return new Map([
    ["docs/CLI.md", withPart(read, "docs/CLI.md", "src/cli/commands", commandLinePart())],
    [WATCH_PAGE, withPart(read, WATCH_PAGE, "src/core/watch", watchPart())],
    ["docs/ERRORS.md", errorsPage()],
    ["docs/ENVIRONMENT.md", environmentPage()],
    ["docs/LICENCES.md", licencesPage(ROOT)],
    ["docs/images/schedule.svg", scheduleImage()],
    ["templates/man/enginery.1", manualPage()],
    ...SHELLS.map((shell) => [`templates/completions/${SCRIPT_FILES[shell]}`, completionScript(shell, VERBS)] as const),
  ]);
}

function withPart(read: (path: string) => string, path: string, source: string, part: string): string {
  const page = read(path);
  const mark = beginOf(source);
  const begin = page.indexOf(mark);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${path} has lost its marks: ${mark} ... ${END}`);
  return `${page.slice(0, begin)}${mark}\n\n${part}\n\n${page.slice(end)}`;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(join(ROOT, path), "utf8");
  } catch {
    return "";
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const behind = [...generatedFiles(readOrEmpty)].filter(([path, content]) => readOrEmpty(path) !== content);
  if (process.argv.includes("--check")) {
    for (const [path] of behind) console.error(`${path} is behind the code: npm run docs`);
    process.exitCode = behind.length > 0 ? 1 : 0;
  } else {
    for (const [path, content] of behind) {
      mkdirSync(dirname(join(ROOT, path)), { recursive: true });
      writeFileSync(join(ROOT, path), content);
      console.log(`${path} made anew`);
    }
  }
}
