// `node scripts/counted-tests.ts FOLDER...`: runs their *.test.ts; the last line counts what passed, failed and was skipped, and why.
import { globSync } from "node:fs";
import { run, type TestsStream } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

/** What prepares engines takes some minutes; one that hangs is named, and the others run. */
const PATIENCE_MS = 20 * 60_000;

/**
 * Runs `files`, two beside each other; sets the exit code. The cases of one file run in their order. `atEnd` runs before the
 * last line is written.
 */
export function runCounted(files: readonly string[], atEnd: () => void = () => {}): TestsStream {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const reasons = new Map<string, number>();
  const events = run({ files: [...files], concurrency: 2, timeout: PATIENCE_MS });
  events.on("test:pass", ({ skip, details }) => {
    if (skip !== undefined) {
      const reason = typeof skip === "string" ? skip : "no reason given";
      counts.skipped++;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    } else if (details.type !== "suite") counts.passed++;
  });
  events.on("test:fail", ({ details }) => {
    if (details.type !== "suite") counts.failed++;
    process.exitCode = 1;
  });
  events.compose(new spec()).pipe(process.stdout);
  process.on("exit", () => {
    atEnd();
    const why = [...reasons].map(([reason, cases]) => `${cases}: ${reason}`).join("; ");
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    process.stdout.write(`${line}${why === "" ? "" : ` (${why})`}\n`);
  });
  return events;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = process.argv.slice(2).flatMap((folder) => globSync(`${folder}/**/*.test.ts`));
  runCounted(files.sort());
}
