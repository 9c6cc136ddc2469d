import { SEAL_VERB } from "../../core/examine-ledger.ts";
import { ledgerMemories, tellBreak } from "../ledger-memory.ts";
import type { Finding } from "../operator.ts";
import type { Examination } from "./examination.ts";
import { bad, careful, mended } from "./findings.ts";

const SHOWN = 3;

/** History is never rewritten: lines stay as they are, and a break is put on record by a line that names it. */
export function ledgerFindings(examination: Examination): readonly Finding[] {
  return [...unreadable(examination), ...breaks(examination)];
}

function unreadable({ home }: Examination): readonly Finding[] {
  const lines = home.ledger.damagedLines();
  if (lines === 0) return [];
  return [
    careful(
      "ledger",
      `${lines} lines of the ledger cannot be read and count for nothing.`,
      "Nothing needs to be done; what they told is lost.",
    ),
  ];
}

function breaks({ world, home, fix }: Examination): readonly Finding[] {
  const { breaks: found } = home.ledger.examine(ledgerMemories(home));
  if (found.length === 0) return [];
  const told = found.slice(0, SHOWN).map(tellBreak).join(" ");
  const message = `The ledger's chain is broken in ${found.length} places. ${told}`;
  if (!fix) return [bad("ledger-broken", message, "enginery doctor --fix")];
  home.ledger.append({
    at: new Date(world.clock.now()).toISOString(),
    operation: world.identifiers.operation(),
    verb: SEAL_VERB,
    detail: { breaks: found.map(({ of, missing, foreign }) => ({ of, missing, foreign })) },
  });
  return [mended("ledger-broken", `${message} It is on record now; what was there is not known.`)];
}
