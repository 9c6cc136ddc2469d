// Takes safety lines out, one at a time, of a copy of the checkout and says which test notices: `node scripts/mutants.ts [PART OF A NAME...]`.
// With `--write` the list in docs/SAFETY.md is made anew. Exits 1 where a mutant survives.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MUTANTS } from "../test/safety/mutants/all-mutants.ts";
import type { Mutant } from "../test/safety/mutants/mutant.ts";
import { type Catch, Workshop } from "../test/safety/mutants/workshop.ts";

const PAGE = fileURLToPath(new URL("../docs/SAFETY.md", import.meta.url));
const BEGIN = "<!-- mutants: begin, made by scripts/mutants.ts -->";
const END = "<!-- mutants: end -->";
const LANES = 2;

const words = process.argv.slice(2);
const write = words.includes("--write");
const parts = words.filter((word) => word !== "--write");
const chosen = MUTANTS.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));
const begun = performance.now();
const caught = new Map<Mutant, Catch | undefined>();
const waiting = [...chosen];
await Promise.all(Array.from({ length: LANES }, work));
const survivors = chosen.filter((mutant) => caught.get(mutant) === undefined);
const seconds = Math.round((performance.now() - begun) / 1000);
process.stdout.write(`${chosen.length} mutants, ${survivors.length} survive, ${seconds} s\n`);
if (write && parts.length === 0 && survivors.length === 0) writePage();
process.exitCode = survivors.length === 0 ? 0 : 1;

async function work(): Promise<void> {
  using workshop = new Workshop();
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const found = await workshop.catchOf(mutant).catch((error: unknown) => {
      process.stdout.write(`!! ${mutant?.name}: ${String(error)}\n`);
      return undefined;
    });
    caught.set(mutant, found);
    process.stdout.write(
      `${found === undefined ? "SURVIVES" : "caught  "} ${mutant.name}${found ? `: ${found.title}` : ""}\n`,
    );
  }
}

function writePage(): void {
  const rows = chosen.map((mutant) => {
    const { file, title } = caught.get(mutant) ?? { file: "", title: "" };
    return `| ${mutant.name} | \`${mutant.file}\` | \`${file}\`: \`${title.replaceAll("`", "'").replaceAll("|", "\\|")}\` |`;
  });
  const count = `${rows.length} mutants, ${rows.length} caught.`;
  const table = `${count}\n\n| taken out | of | caught by |\n|---|---|---|\n${rows.join("\n")}`;
  const page = readFileSync(PAGE, "utf8");
  const [before = "", rest = ""] = page.split(BEGIN);
  const [, after] = rest.split(END);
  if (after === undefined) throw new Error(`${PAGE} does not have the marks ${BEGIN} and ${END}.`);
  writeFileSync(PAGE, `${before}${BEGIN}\n${table}\n${END}${after}`);
}
