import { releaseName } from "../../core/release-name.ts";
import type { ReleaseFacts, ReleaseFlaw } from "../../core/watch/release-conditions.ts";
import type { ReadyCheck, ReadyCheckName } from "../operator.ts";
import { ready } from "../ready.ts";
import { isEnding, type Proof, type Session, say } from "./session.ts";
import { type Standing, standingOf } from "./standing.ts";

/** What was found wrong is looked at again this often: somebody may be mending it. */
export const PROOF_AGAIN_MS = 60_000;

const FLAWS: Partial<Readonly<Record<ReadyCheckName, ReleaseFlaw["what"]>>> = {
  hashes: "damaged",
  host: "not-provable",
  probe: "not-provable",
  quarantine: "not-provable",
};

/** Proves what is in effect and what is next within the lead, one release after the other: the epoch is read in between. */
export async function prove(session: Session): Promise<void> {
  for (const release of needsProof(session)) {
    if (isEnding(session)) return;
    const proof = await proofOf(session, release);
    const name = releaseName(release);
    const before = session.proofs.get(name);
    session.proofs = new Map(session.proofs).set(name, proof);
    const flaws = proof.flaws.map(({ message }) => message);
    if (before?.tree === proof.tree && before.flaws.length === flaws.length) continue;
    say(session, { event: "proof", engine: release.engine, version: release.version, flaws });
  }
  forgetOthers(session);
}

/** Never proven with these files, or too long ago. */
export function needsProof(session: Session): readonly Standing[] {
  const tick = session.world.timer.ticks();
  return provable(session).filter((release) => {
    const proof = session.proofs.get(releaseName(release));
    if (proof === undefined || proof.tree !== release.tree) return true;
    const goodFor = proof.flaws.length === 0 ? session.settings.checkEveryMs : PROOF_AGAIN_MS;
    return tick - proof.at >= Math.min(goodFor, session.settings.checkEveryMs);
  });
}

function provable(session: Session): readonly Standing[] {
  const { epoch, lead, releases } = standingOf(session);
  const isDue = ({ role, validFrom }: ReleaseFacts) =>
    role === "in-effect" || (epoch !== undefined && validFrom - epoch <= lead);
  return releases.filter((release) => release.installed && isDue(release));
}

async function proofOf({ world, request, config }: Session, release: Standing): Promise<Proof> {
  const { engine, version, tree } = release;
  const at = world.timer.ticks();
  const { items } = await ready(world, { home: request.home, config, names: [{ engine, version }] });
  const missed = items.flatMap(({ checks }) => checks).filter(({ ok }) => !ok);
  return { tree: tree ?? "", at, flaws: missed.flatMap(flawOf) };
}

function flawOf({ name, detail, mend }: ReadyCheck): readonly ReleaseFlaw[] {
  const what = FLAWS[name];
  return what === undefined ? [] : [{ what, message: detail, mend: mend ?? "See `enginery ready`." }];
}

/** What is neither in effect nor next any more needs no memory. */
function forgetOthers(session: Session): void {
  const names = new Set(standingOf(session).releases.map(releaseName));
  session.proofs = new Map([...session.proofs].filter(([name]) => names.has(name)));
}
