import { createHash } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeGeneration } from "../../src/core/parse-home.ts";
import type { Home } from "../../src/store/home.ts";

/** So many generations that all say the same, and a line of the ledger for each: as records, since committing them takes an hour. */
export function addGenerations(home: Home, count: number): void {
  const first = home.generations.read(1);
  if (first === undefined) throw new Error("There is no first generation.");
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  const lines: string[] = [];
  let previous: string | undefined;
  for (let number = 2; number <= count; number += 1) {
    const operation = number.toString(16).padStart(32, "0");
    const generation = { ...first, number, operation, cause: "rollback" as const };
    const path = join(home.path, "generations", `${String(number).padStart(8, "0")}.json`);
    writeFileSync(path, encodeGeneration(generation, sha256));
    const line = ledgerLine(operation, first.at, number, previous);
    previous = sha256(new TextEncoder().encode(line));
    lines.push(line);
  }
  appendFileSync(join(home.path, "ledger.jsonl"), lines.map((line) => `${line}\n`).join(""));
}

/** The members in canonical order. */
function ledgerLine(operation: string, at: string, number: number, previous: string | undefined): string {
  const link = previous === undefined ? {} : { previous };
  return JSON.stringify({ at, format: 1, from: number - 1, operation, ...link, to: number, verb: "rollback" });
}
