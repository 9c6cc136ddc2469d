import { type Token, tokenize } from "../support/tokens.ts";
import type { Files } from "../support/tree.ts";

/** Names of the world outside; as a name of its own, not as somebody's member. */
const OUTSIDE = new Set(
  [
    "Date process performance globalThis console crypto fetch navigator Atomics SharedArrayBuffer WeakRef FinalizationRegistry",
  ]
    .concat("setTimeout setInterval setImmediate queueMicrotask structuredClone require eval Function Intl Temporal")
    .concat("async await Promise AsyncIterable AsyncGenerator AsyncDisposable")
    .flatMap((names) => names.split(" ")),
);
/** Members whose answer hangs on chance, or on the machine's language or time zone. */
const MEMBERS = new Set(
  ["random localeCompare toLocaleString toLocaleLowerCase toLocaleUpperCase toLocaleDateString toLocaleTimeString"]
    .concat("getTimezoneOffset getFullYear getMonth getDate getDay getHours getMinutes")
    .flatMap((names) => names.split(" ")),
);

/** Where core is not pure and synchronous: clock, env, chance, async, the machine's language, mutable module state. */
export function checkPurity(files: Files): string[] {
  return [...files]
    .filter(([path]) => path.startsWith("src/core/"))
    .flatMap(([path, source]) => {
      const tokens = tokenize(source).filter((token) => token.kind !== "comment");
      return [...tokens.entries()]
        .filter(([at]) => isImpure(tokens, at))
        .map(([, token]) => `${path}:${token.line}: core says ${token.text}`);
    });
}

function isImpure(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== "word") return false;
  const before = tokens[at - 1]?.text;
  const next = tokens[at + 1]?.text;
  if (before === "." && tokens[at - 2]?.text !== ".") return MEMBERS.has(token.text);
  if (token.text === "import") return next === "(" || next === ".";
  if (token.text === "Date" && isCalendar(tokens, at)) return false;
  const isKey = next === ":" && (before === "{" || before === "," || before === ";" || before === "readonly");
  return OUTSIDE.has(token.text) && !isKey;
}

/** `Date.parse(text)`, `Date.UTC(...)`, `new Date(number)`: arithmetic of the calendar, whatever the clock says. */
function isCalendar(tokens: readonly Token[], at: number): boolean {
  const follows = tokens.slice(at + 1, at + 3).map(({ text }) => text);
  if (follows[0] === ".") return follows[1] === "parse" || follows[1] === "UTC";
  return tokens[at - 1]?.text === "new" && follows[0] === "(" && follows[1] !== ")";
}
