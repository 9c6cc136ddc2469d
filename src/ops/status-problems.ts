import { type EngineryError, isEngineryError } from "../core/errors.ts";
import type { Generation, Quarantine } from "../core/model/home.ts";
import { asksForEpoch } from "../core/schedule.ts";
import { type PinnedUnpromised, unpromisedText } from "../core/unpromised.ts";
import { leaseFolderDangers } from "./lease-folder.ts";
import type { EngineStatus, StatusResult } from "./operator.ts";
import type { Snapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

export type Problem = StatusResult["problems"][number];

const DAY_MS = 86_400_000;
/** Trust that ends within this many days is told of. */
const WARN_DAYS = 7;

/** What cannot be read is told among the problems. */
export function orDamaged<T>(damage: Problem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isEngineryError(error, "home-damaged")) throw error;
    damage.push(problemOf(error));
    return undefined;
  }
}

export function problemOf({ code, message, hint }: EngineryError): Problem {
  return { code, message: `${message} ${hint}`, mend: hint };
}

export function damagedQuarantine(tree: string): Problem {
  return mendedBy("home-damaged", `The quarantine record of ${tree} cannot be read`, "enginery doctor --fix");
}

/** Installations that are gone too: one look at each. */
export function homeProblems({ home, newest }: Snapshot, damage: readonly Problem[]): readonly Problem[] {
  const gone = newest.installations.filter(({ engine, version }) => !home.installations.isThere(engine, version));
  return [
    ...damage,
    ...gone.map(({ engine, version }) => {
      const mend = `enginery verify --repair ${engine}@${version}`;
      return mendedBy("installation-damaged", `${engine}@${version} is not on disk`, mend);
    }),
  ];
}

/** Without the folder for leases no engine starts. Errors: `home-damaged`. */
export function claimProblems(world: World, { home }: Snapshot): readonly Problem[] {
  const dangers = leaseFolderDangers(world, home).filter(({ refused }) => refused);
  return dangers.map(({ message, mend }) => ({ code: "lease-folder", message: `${message} ${mend}`, mend }));
}

export function trustProblems(world: World, { expires, expired }: StatusResult["trust"]): readonly Problem[] {
  const soon = Object.entries(expires).filter(
    ([role, at]) => !expired.includes(role) && Date.parse(at) - world.clock.now() < WARN_DAYS * DAY_MS,
  );
  return [
    ...expired.map((role) => ({
      code: "trust-expired",
      message: `${role} expired on ${expires[role]}; upgrades wait for the publisher, engines go on.`,
    })),
    ...soon.map(([role, at]) => ({ code: "expires-soon", message: `${role} expires on ${at}.` })),
  ];
}

/** What the publisher has taken back and tenants stay on. */
export function pinnedProblems(pinned: readonly PinnedUnpromised[]): readonly Problem[] {
  return pinned.map((one) => ({ code: "pinned-not-promised", message: unpromisedText(one) }));
}

export function engineProblems(
  { manifest, epoch, newest }: Pick<Snapshot, "manifest" | "newest" | "epoch">,
  engines: readonly EngineStatus[],
): readonly Problem[] {
  const missing = engines.flatMap(({ engine, inEffect: now, next }) =>
    [now, next].flatMap((deployment) => {
      if (deployment === null || deployment.installed) return [];
      const name = `${engine}@${deployment.version}`;
      const message = `${name} (from ${deployment.validFrom}) is not installed`;
      return [mendedBy("release-not-installed", message, `enginery install ${name}`)];
    }),
  );
  const withdrawn = engines.flatMap(({ engine, inEffect: now }) => {
    const reason = now === null ? undefined : manifest.engines[engine]?.releases[now.version]?.withdrawn;
    return reason === undefined
      ? []
      : [{ code: "release-withdrawn", message: `${engine}@${now?.version} is in effect and was withdrawn: ${reason}` }];
  });
  const unknown =
    epoch === undefined && asksForEpoch(manifest)
      ? [mendedBy("epoch-unknown", "The epoch is unknown", "enginery observe EPOCH")]
      : [];
  const late = (newest.late ?? []).map(({ engine, version, validFrom, change }) => ({
    code: "late-change",
    message: `${engine}@${version} from ${validFrom} was ${change} after that epoch had begun here.`,
  }));
  return [...unknown, ...missing, ...withdrawn, ...late];
}

export function quarantineProblems(newest: Generation, records: readonly Quarantine[]): readonly Problem[] {
  const installed = new Set(newest.installations.map(({ tree }) => tree));
  return records.map(({ engine, version, tree, reason }) => ({
    code: "release-quarantined",
    message: `${engine}@${version} is quarantined${installed.has(tree) ? " and installed" : ""}: ${reason}`,
    mend: `enginery quarantine lift ${tree}`,
  }));
}

function mendedBy(code: string, what: string, mend: string): Problem {
  return { code, message: `${what}: ${mend}`, mend };
}
