import { join } from "node:path";
import { type Json, listOf, recordAt, sha256, type Tell, textOf } from "./reading.ts";

interface Line {
  readonly number: number;
  readonly hash: string;
  readonly record: Json;
}

/** What counts for nothing may be in it at its end alone: the write that died. And each line names what was open when it was written. */
export function checkLedger(home: string, tell: Tell): void {
  const lines: Line[] = [];
  const texts = (textOf(join(home, "ledger.jsonl")) ?? "").split("\n").slice(0, -1);
  for (const [at, text] of texts.entries()) {
    if (text === "") continue;
    try {
      lines.push({ number: at + 1, hash: sha256(text), record: JSON.parse(text) });
    } catch {
      tell("ledger.jsonl", `has a line that is no JSON: ${text.slice(0, 40)}`);
    }
  }
  const first = lines.findIndex(({ record }) => "previous" in record);
  for (const [at, line] of lines.entries()) {
    if (first < 0 || at < first) continue;
    if (!("previous" in line.record)) tell("ledger.jsonl", `has line ${line.number} without a chain`);
    else if (!follows(line.record["previous"], line.record["also"], lines.slice(0, at)))
      tell("ledger.jsonl", `has line ${line.number}, which does not follow on what is before it`);
  }
  for (const path of [
    ...listOf(join(home, "generations")).map((name) => join("generations", name)),
    "clock/observed.json",
  ]) {
    const open: string[] = recordAt(home, path)?.["ledger"] ?? [];
    if (open.length > 0 && !follows(open.at(-1), open.slice(0, -1), lines)) tell(path, "remembers another ledger");
  }
}

/** It names the last line that its writer saw, and of those up to there whatever none of them names. */
function follows(previous: unknown, also: readonly string[] = [], before: readonly Line[]): boolean {
  if (previous === null) return also.length === 0;
  const seen = before.slice(0, before.findIndex(({ hash }) => hash === previous) + 1);
  const named = new Set(
    seen.flatMap(({ record }, at) =>
      "previous" in record ? [record["previous"], ...(record["also"] ?? [])] : [seen[at - 1]?.hash],
    ),
  );
  const open = seen.filter(({ hash }) => !named.has(hash)).map(({ hash }) => hash);
  return seen.length > 0 && [...also, previous].join() === open.join();
}
