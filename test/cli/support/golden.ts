import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../golden/", import.meta.url));

/** Holds `text` against test/golden/<name>.txt; UPDATE_GOLDEN=1 writes it instead: look at the difference before it is committed. */
export function matchGolden(name: string, text: string): void {
  const path = `${FOLDER}${name}.txt`;
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, text);
    return;
  }
  assert.equal(text, readFileSync(path, "utf8"), `${name} reads otherwise than test/golden/${name}.txt`);
}
