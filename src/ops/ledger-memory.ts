import { isEngineryError } from "../core/errors.ts";
import type { LedgerBreak, LedgerMemory } from "../core/examine-ledger.ts";
import type { Home } from "../store/home.ts";

/** What the home's other records remember of the ledger: each generation that can be read, and the observed epoch. */
export function ledgerMemories(home: Home): readonly LedgerMemory[] {
  return [
    ...home.generations
      .numbers()
      .flatMap((number) => memory(`generation ${number}`, () => home.generations.read(number))),
    ...memory("observation", () => home.clock.read()),
  ];
}

/** A record that cannot be read is told elsewhere. */
function memory(
  of: string,
  read: () => (Pick<LedgerMemory, never> & { readonly ledger?: LedgerMemory["open"] }) | undefined,
): LedgerMemory[] {
  try {
    const open = read()?.ledger;
    return open === undefined ? [] : [{ of, open }];
  } catch (error) {
    if (isEngineryError(error)) return [];
    throw error;
  }
}

/** One sentence. */
export function tellBreak({ of, line, missing, foreign }: LedgerBreak): string {
  const [lost] = missing;
  if (line === undefined) {
    const who = of === "observation" ? "The observed epoch" : `G${of.slice(1)}`;
    return lost === undefined
      ? `${who} remembers other last lines of the ledger: one was added or moved.`
      : `${who} remembers a line ${lost} of the ledger that is not there.`;
  }
  if (lost !== undefined)
    return `Line ${line} follows on ${lost}, which is not there: lines before it were changed or removed.`;
  if (foreign.includes(of)) return `Line ${line} is not chained, or there twice.`;
  return `Line ${line} does not follow on all that is before it: a line was added or moved.`;
}
