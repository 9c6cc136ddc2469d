// Asks a home which release answers, every millisecond, until SIGTERM; then one line of JSON: what it was told.
// `node epoch-reader.ts HOME ENGINE HEIGHT BEFORE AFTER`
import { openHome } from "../../../src/index.ts";

const [folder = "", engine = "", height = "", before = "", after = ""] = process.argv.slice(2);
const told = { polls: 0, versions: [] as string[], wrong: [] as string[], longestMs: 0 };
const home = openHome(folder);
let last = performance.now();

function ask(): void {
  const now = performance.now();
  told.longestMs = Math.max(told.longestMs, now - last);
  last = now;
  told.polls += 1;
  try {
    home.refresh();
    const { version, epoch } = home.resolve({ engine });
    if (told.versions.at(-1) !== version) told.versions.push(version);
    const right = (epoch ?? 0) >= Number(height) ? after : before;
    if (version !== right && told.wrong.length < 10) told.wrong.push(`${version} at ${epoch}`);
  } catch (error) {
    if (told.wrong.length < 10) told.wrong.push(String(error));
  }
}

const polling = setInterval(ask, 1);
process.on("SIGTERM", () => {
  clearInterval(polling);
  process.stdout.write(`${JSON.stringify(told)}\n`);
});
process.stdout.write("reading\n");
