import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeGeneration } from "../../src/core/parse-home.ts";
import type { Home } from "../../src/store/home.ts";

/** So many generations that all say the same, and a line of the ledger for each: as records, since committing them takes an hour. */
export function addGenerations(home: Home, count: number): void {
  const newest = home.generations.newest();
  if (newest === undefined) throw new Error("There is no generation.");
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  const lines: string[] = [];
  const ledger = join(home.path, "ledger.jsonl");
  const last = existsSync(ledger) ? readFileSync(ledger, "utf8").trimEnd().split("\n").at(-1) : undefined;
  let previous = last === undefined ? undefined : sha256(new TextEncoder().encode(last));
  for (let number = newest.number + 1; number <= count; number += 1) {
    const operation = number.toString(16).padStart(32, "0");
    const generation = { ...newest, number, operation, cause: "rollback" as const };
    const path = join(home.path, "generations", `${String(number).padStart(8, "0")}.json`);
    writeFileSync(path, encodeGeneration(generation, sha256));
    const line = ledgerLine(operation, newest.at, number, previous);
    previous = sha256(new TextEncoder().encode(line));
    lines.push(line);
  }
  appendFileSync(ledger, lines.map((line) => `${line}\n`).join(""));
}

/** The members in canonical order. */
function ledgerLine(operation: string, at: string, number: number, previous: string | undefined): string {
  const link = previous === undefined ? {} : { previous };
  return JSON.stringify({ at, format: 1, from: number - 1, operation, ...link, to: number, verb: "rollback" });
}
