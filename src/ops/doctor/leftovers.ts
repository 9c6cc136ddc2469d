import { isEngineryError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import type { Finding } from "../operator.ts";
import { sweepRecords } from "../sweep.ts";
import { sweepLeases } from "../work.ts";
import type { Examination } from "./examination.ts";
import { careful, fine, mended } from "./findings.ts";

/** Leases that cannot be judged from here; and, with `fix`, what dead operations left. */
export function leftoverFindings(examination: Examination): readonly Finding[] {
  return [...foreignLeases(examination), ...(examination.fix ? sweep(examination) : [])];
}

function foreignLeases({ home }: Examination): readonly Finding[] {
  const foreign = home.leases.all().filter((lease) => home.leases.state(lease) === "foreign");
  return foreign.map(({ id, engine, version, machine, pid }) => {
    const whose = pid === 0 ? "cannot be read" : `is of another machine or namespace (${machine ?? "unknown"})`;
    return careful(
      "lease-foreign",
      `The lease ${isPlain(id) ? id : quote(id)} on ${quote(`${engine}@${version}`).slice(1, -1)} ${whose} and keeps it.`,
      isPlain(id)
        ? `Once that process is gone: enginery prune --forget-lease ${id}`
        : "Nobody's Enginery calls a lease so: look whose file it is, and remove it.",
    );
  });
}

/** What may stand in a command that somebody is to copy: where other accounts write, a name may be made to be one. */
function isPlain(id: string): boolean {
  return /^[A-Za-z0-9._:+@-]+$/.test(id);
}

function sweep({ world, home, newest }: Examination): readonly Finding[] {
  try {
    const generation = newest();
    const freed = home.staging.sweep() + home.staging.sweepTrash();
    if (generation !== undefined) sweepRecords(home, generation);
    const leases = sweepLeases(world, home, world.identifiers.operation());
    const marks = home.marks.sweep();
    if (freed === 0 && leases === 0 && marks === 0) return [fine("leftovers", "Nothing was left over.")];
    return [mended("leftovers", `Swept ${freed} bytes of unfinished work, ${leases} leases and ${marks} marks.`)];
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    world.reporter.warn("cleanup", error.message);
    return [];
  }
}
