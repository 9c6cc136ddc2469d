import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ARCHIVE_CASES } from "./archive-cases.ts";

/** How many inputs the list has. */
export const INPUTS = 125;

const HOSTILE = new URL("..", import.meta.url).pathname;
/** The numbers at the start of a test's title: `test("93 ..."`, `test("112 113 114 ..."`, and of a row of a table of such titles. */
const TITLE = /(?:test\(|^ *\[)["`]((?:\d{1,3} )+)|\bnumber: (\d{1,3}),|^ {2}\[(\d{3}), "/gm;

/** Number of an input to the files of this folder whose tests claim it. */
export function claims(): ReadonlyMap<number, readonly string[]> {
  const claimed = new Map<number, string[]>();
  const claim = (number: number, file: string) => {
    const files = claimed.get(number) ?? [];
    if (!files.includes(file)) claimed.set(number, [...files, file]);
  };
  for (const { number } of ARCHIVE_CASES) claim(number, "archives.test.ts");
  for (const file of globSync("*.test.ts", { cwd: HOSTILE })) {
    for (const [, title, member, row] of readFileSync(join(HOSTILE, file), "utf8").matchAll(TITLE)) {
      for (const number of (title ?? member ?? row ?? "").trim().split(" ")) claim(Number(number), file);
    }
  }
  return claimed;
}
