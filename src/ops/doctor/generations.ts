import { type EngineryError, isEngineryError } from "../../core/errors.ts";
import { record } from "../commit.ts";
import type { Finding } from "../operator.ts";
import { acceptedManifest, lostGeneration, noGeneration } from "../snapshot.ts";
import { type Examination, orNone } from "./examination.ts";
import { bad, fine, mended } from "./findings.ts";

/** The generations and the manifest that the newest one names. */
export function generationFindings(examination: Examination): readonly Finding[] {
  const found = unreadableFindings(examination);
  const newest = examination.newest();
  if (newest !== undefined) return [...found, ...lostFindings(examination), ...manifestFindings(examination)];
  const isUnreadable = examination.home.generations.numbers().length > 0;
  if (isUnreadable) return found;
  const { code, message, hint } = noGeneration(examination.home);
  return [...found, bad(code, message, hint)];
}

/** Told aloud and asked for: what cannot be read is set aside; the newest that can be read is the newest again. */
function unreadableFindings({ world, home, fix }: Examination): readonly Finding[] {
  return home.generations.numbers().flatMap((number) => {
    const error = problemOf(() => home.generations.read(number));
    if (error === undefined) return [];
    if (!fix) return [bad("generation-unreadable", error.message, "enginery doctor --fix")];
    const wasNewest = number === home.generations.numbers().at(-1);
    const aside = home.generations.setAside(number);
    const newest = orNone(() => home.generations.newest());
    const operation = world.identifiers.operation();
    record(
      world,
      home,
      operation,
      "doctor",
      { setAside: number },
      newest === undefined ? {} : { from: number, to: newest.number },
    );
    const message = `Generation ${number} could not be read and lies at ${aside}`;
    if (!wasNewest) return [mended("generation-unreadable", `${message}.`)];
    if (newest === undefined) return [mended("generation-unreadable", `${message}; none is left.`, "enginery install")];
    return [
      mended(
        "generation-unreadable",
        `${message}; generation ${newest.number} is the newest again.`,
        "enginery upgrade",
      ),
    ];
  });
}

/** Asked for and told as the stepping back from an unreadable one is. */
function lostFindings({ world, home, fix, newest }: Examination): readonly Finding[] {
  const number = newest()?.number ?? 0;
  const lost = lostGeneration(home, number);
  if (lost === undefined) return [fine("generation", `Generation ${number} is readable.`)];
  const message = `Generation ${lost} is gone, and ${number} is the one before.`;
  if (!fix) return [bad("generation-unreadable", message, "enginery doctor --fix")];
  home.generations.setAside(lost);
  record(world, home, world.identifiers.operation(), "doctor", { setAside: lost }, { from: lost, to: number });
  return [mended("generation-unreadable", `${message} It is the newest again.`, "enginery upgrade")];
}

function manifestFindings({ home, newest }: Examination): readonly Finding[] {
  const generation = newest();
  const error = generation && problemOf(() => acceptedManifest(home, generation));
  return error === undefined ? [] : [bad(error.code, error.message, "enginery verify --repair")];
}

function problemOf(read: () => unknown): EngineryError | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (isEngineryError(error)) return error;
    throw error;
  }
}
