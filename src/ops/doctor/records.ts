import { isEngineryError } from "../../core/errors.ts";
import type { Finding } from "../operator.ts";
import type { Examination } from "./examination.ts";
import { bad, mended } from "./findings.ts";

/** Manifests and file lists that the newest generation does not need, the observed epoch, marks. */
export function recordFindings(examination: Examination): readonly Finding[] {
  return [
    ...spareManifests(examination),
    ...spareTrees(examination),
    ...observation(examination),
    ...marks(examination),
  ];
}

/** Their names promise a hash, so a damaged one tells nothing; the newest generation's own is fetched by `verify --repair`. */
function spareManifests({ home, fix, newest }: Examination): readonly Finding[] {
  const needed = newest()?.manifest.sha256;
  const spare = home.manifests.damaged().filter((sha256) => sha256 !== needed);
  return removed("manifest", spare, fix, (sha256) => home.manifests.remove(sha256));
}

function spareTrees({ home, fix, newest }: Examination): readonly Finding[] {
  const needed = new Set(newest()?.installations.map(({ tree }) => tree));
  const spare = home.trees.damaged().filter((digest) => !needed.has(digest));
  return removed("file list", spare, fix, (digest) => home.trees.remove(digest));
}

function removed(
  what: string,
  names: readonly string[],
  fix: boolean,
  remove: (name: string) => void,
): readonly Finding[] {
  if (names.length === 0) return [];
  if (!fix)
    return [
      bad("home-damaged", `Of no use any more, and damaged: ${what} ${names.join(", ")}.`, "enginery doctor --fix"),
    ];
  for (const name of names) remove(name);
  return [mended("home-damaged", `Damaged and removed: ${what} ${names.join(", ")}.`)];
}

function observation({ home, fix }: Examination): readonly Finding[] {
  try {
    home.clock.read();
    return [];
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    const mend = "Say the epoch: enginery observe EPOCH";
    if (!fix) return [bad(error.code, error.message, mend)];
    home.clock.discard();
    return [mended(error.code, `${error.message} It was removed, and the epoch is unknown.`, mend)];
  }
}

/** One that cannot be read would keep its release from running for ever. Under the writer lock no prune is at work. */
function marks({ home, fix }: Examination): readonly Finding[] {
  const damaged = home.marks.damaged();
  if (damaged.length === 0) return [];
  const message = `Marks of a prune cannot be read: ${damaged.join(", ")}.`;
  if (!fix) return [bad("home-damaged", message, "enginery doctor --fix")];
  for (const path of damaged) home.marks.discard(path);
  return [mended("home-damaged", message)];
}
