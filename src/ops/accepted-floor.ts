import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Generation } from "../core/model/home.ts";
import type { Manifest, Sha256 } from "../core/model/manifest.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import type { Home } from "../store/home.ts";
import { lostGeneration } from "./snapshot.ts";

/** The channel's newest manifest, signatures and hash verified. */
export interface OfferedManifest {
  readonly sha256: Sha256;
  readonly manifest: Manifest;
}

/**
 * The accepted serial never goes down, whatever of a home was lost: generations, manifests and ledger each tell of what was accepted, and the
 * highest counts. Cost: a generation a manifest that is kept, and the manifests that these do not name; the whole ledger only where a generation
 * was lost. Errors: `trust-rollback`.
 */
export function requireNotBelow(home: Home, offered: OfferedManifest): void {
  const generations = newestGenerations(home, home.manifests.list().length);
  const told = generations.map(({ manifest }) => manifest);
  const { serial } = offered.manifest;
  const known = new Set([offered.sha256, ...told.map(({ sha256 }) => sha256)]);
  const serials = [...told.map((one) => one.serial), ...fromManifests(home, known)];
  const floor = Math.max(0, ...serials, ...(hasLostGenerations(home) ? fromLedger(home) : []));
  if (serial >= floor) return;
  throw new EngineryError(
    "trust-rollback",
    `The repository offers serial ${serial}, and this home has accepted ${floor} already.`,
    { context: { accepted: floor, offered: serial } },
  );
}

/** The last so many that can be read, and the newest of them anyhow: no generation was made from a lower serial than one before it. */
function newestGenerations(home: Home, count: number): readonly Generation[] {
  const found: Generation[] = [];
  for (const number of home.generations.numbers().reverse()) {
    if (found.length >= Math.max(1, count)) break;
    found.push(...orNone(() => home.generations.read(number)));
  }
  return found;
}

/** Then the ledger may tell of a serial that no other record does: what follows on a lost generation may be made from one before it. */
function hasLostGenerations(home: Home): boolean {
  const newest = home.generations.numbers().at(-1);
  if (newest === undefined || home.generations.setAsideNumbers().length > 0) return true;
  return orNone(() => home.generations.read(newest)).length === 0 || lostGeneration(home, newest) !== undefined;
}

/** Kept before its commit, by an upgrade that died or laid out ahead; or left by a generation that is gone. */
function fromManifests(home: Home, known: ReadonlySet<Sha256>): readonly number[] {
  const others = home.manifests.list().filter((sha256) => !known.has(sha256));
  return others.flatMap((sha256) =>
    orNone(() => {
      const bytes = home.manifests.read(sha256);
      return bytes && parseManifest(bytes).serial;
    }),
  );
}

function fromLedger(home: Home): readonly number[] {
  return home.ledger.read().flatMap(({ detail }) => {
    const manifest = detail?.["manifest"];
    const serial = typeof manifest === "object" && manifest !== null && "serial" in manifest ? manifest.serial : 0;
    return typeof serial === "number" ? [serial] : [];
  });
}

/** What is damaged tells nothing. */
function orNone<T>(read: () => T | undefined): readonly T[] {
  try {
    const found = read();
    return found === undefined ? [] : [found];
  } catch (error) {
    if (isEngineryError(error)) return [];
    throw error;
  }
}
