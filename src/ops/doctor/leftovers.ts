import { isEngineryError } from "../../core/errors.ts";
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
      `The lease ${id} on ${engine}@${version} ${whose} and keeps it.`,
      `Once that process is gone: enginery prune --forget-lease ${id}`,
    );
  });
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
