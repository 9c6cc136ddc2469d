import { EngineryError, isEngineryError } from "../core/errors.ts";
import type { Manifest } from "../core/model/manifest.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import type { Home } from "../store/home.ts";

/**
 * The accepted serial never goes down, whatever of a home was lost: generations, manifests and ledger each tell of what was accepted, and the
 * highest counts. Reads a few small records. Errors: `trust-rollback`.
 */
export function requireNotBelow(home: Home, offered: Manifest): void {
  const floor = Math.max(0, ...fromGenerations(home), ...fromManifests(home), ...fromLedger(home));
  if (offered.serial >= floor) return;
  throw new EngineryError(
    "trust-rollback",
    `The repository offers serial ${offered.serial}, and this home has accepted ${floor} already.`,
    { context: { accepted: floor, offered: offered.serial } },
  );
}

function fromGenerations(home: Home): number[] {
  return home.generations.numbers().flatMap((number) => orNone(() => home.generations.read(number)?.manifest.serial));
}

function fromManifests(home: Home): number[] {
  return home.manifests.list().flatMap((sha256) =>
    orNone(() => {
      const bytes = home.manifests.read(sha256);
      return bytes && parseManifest(bytes).serial;
    }),
  );
}

function fromLedger(home: Home): number[] {
  return home.ledger.read().flatMap(({ detail }) => {
    const manifest = detail?.["manifest"];
    const serial = typeof manifest === "object" && manifest !== null && "serial" in manifest ? manifest.serial : 0;
    return typeof serial === "number" ? [serial] : [];
  });
}

/** What is damaged tells nothing. */
function orNone(read: () => number | undefined): number[] {
  try {
    return [read() ?? []].flat();
  } catch (error) {
    if (isEngineryError(error)) return [];
    throw error;
  }
}
