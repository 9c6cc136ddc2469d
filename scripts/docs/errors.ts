import { ERROR_CODES } from "../../src/core/error-codes.ts";
import { tableOf } from "./markdown.ts";

const CLASSES: Readonly<Record<number, string>> = {
  1: "a bug of ours",
  2: "usage",
  3: "refused by a rule or policy",
  4: "trust",
  5: "integrity",
  6: "conflict",
  7: "unavailable",
  8: "nothing in effect",
  10: "something to do",
};

/** docs/ERRORS.md. */
export function errorsPage(): string {
  const codes = Object.entries(ERROR_CODES);
  const sections = Object.entries(CLASSES).flatMap(([exit, title]) => {
    const rows = codes
      .filter(([, row]) => String(row.exit) === exit)
      .map(([code, row]) => [`\`${code}\``, row.means, row.mend]);
    return [`## Exit ${exit}: ${title}`, "", tableOf(["code", "what it means", "what to do"], rows), ""];
  });
  return [
    "# Errors",
    "",
    "<!-- made by `npm run docs` from src/core/error-codes.ts -->",
    "",
    "Every failure has a code to match on, a sentence of what is wrong and a sentence of what to do. A code that leaves this",
    'page is a breaking change. With --json a failure is `{"error":{"code","message","hint","context"}}` on stdout. Failures of',
    "`exec` itself exit with 120 added (nothing in effect: 128).",
    "",
    ...sections,
  ]
    .join("\n")
    .replace(/\n+$/, "\n");
}
