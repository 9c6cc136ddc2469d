import type { Installation, Quarantine } from "../../core/model/home.ts";
import type { PlatformRelease, Release, Sha256 } from "../../core/model/manifest.ts";
import type { NeededRelease } from "../../core/needed-releases.ts";
import { platformRelease } from "../../core/platform.ts";
import { quote } from "../../core/quote.ts";
import { releaseName } from "../../core/release-name.ts";
import { standingQuarantine } from "../host-quarantine.ts";
import type { Inspected } from "../inspect.ts";
import type { ReadyCheck, VerifyProblem } from "../operator.ts";
import { proveAll } from "../probe.ts";
import type { Snapshot } from "../snapshot.ts";
import { mebibytes } from "../space.ts";
import type { World } from "../world.ts";
import { missed, passed } from "./checks.ts";
import { proofChecks } from "./proof.ts";

/** Whether it is installed as manifest and pins promise it, and whether anybody has spoken against it. */
export function promiseChecks(
  world: World,
  snapshot: Snapshot,
  need: NeededRelease,
  { here, quarantine }: { readonly here: Installation | undefined; readonly quarantine: QuarantineFacts },
): readonly ReadyCheck[] {
  const published = releaseOf(snapshot, need);
  const build = published === undefined ? undefined : platformRelease(published, platformOf(world, snapshot));
  return [
    installedCheck(snapshot, need, { published, build, here }),
    ...withdrawnChecks(need, published),
    ...quarantineChecks(quarantine, need, here?.tree ?? build?.tree.digest),
  ];
}

/** Whether what lies there is what was sealed, fits this host, and runs. */
export async function presentChecks(
  world: World,
  { home }: Snapshot,
  { installation, problems }: Inspected,
  quick: boolean,
): Promise<readonly ReadyCheck[]> {
  const hashes = hashesCheck(installation, problems, quick);
  // what is not what was signed is not run
  if (!hashes.ok) return [hashes];
  const { engine, version, platform, entries } = installation;
  const proofs = await proveAll(world, { path: home.installations.path(engine, version), platform, entries });
  return [hashes, ...proofChecks(world, installation, proofs)];
}

interface Facts {
  readonly published: Release | undefined;
  readonly build: PlatformRelease | undefined;
  readonly here: Installation | undefined;
}

function installedCheck({ home }: Snapshot, need: NeededRelease, { published, build, here }: Facts): ReadyCheck {
  const name = releaseName(need);
  const promised = new Set([...need.pinnedTrees, ...(build === undefined ? [] : [build.tree.digest])]);
  if (here === undefined)
    return missed("installed", `${name} is not installed here.`, wayToInstall(name, published, build));
  if ([...promised].some((tree) => tree !== here.tree)) {
    return missed(
      "installed",
      `${name} is installed with other files than manifest or pins name.`,
      `enginery verify ${name}`,
    );
  }
  if (!home.installations.isThere(need.engine, need.version)) {
    return missed("installed", `${name} is not on disk.`, `enginery verify --repair ${name}`);
  }
  return passed("installed", `It lies in ${home.installations.path(need.engine, need.version)}.`);
}

function wayToInstall(name: string, published: Release | undefined, build: PlatformRelease | undefined): string {
  if (published === undefined) return "The channel has it no more: pin or select another release.";
  if (build === undefined) return "There is no build for this platform: ask the publisher for one.";
  if (published.withdrawn !== undefined) return "It was withdrawn: ask the publisher what takes its place.";
  return `enginery install ${name}`;
}

/** History may need what was withdrawn; what is to come, or is relied on now, should not be. */
function withdrawnChecks({ why }: NeededRelease, published: Release | undefined): readonly ReadyCheck[] {
  if (published?.withdrawn === undefined) return [];
  const what = `The publisher has withdrawn it: ${quote(published.withdrawn)}.`;
  if (why === "window") return [passed("withdrawn", what)];
  return [
    missed("withdrawn", `${what} It still runs; the publisher has to put another in its place.`, "enginery upgrade"),
  ];
}

/** What is known bad here: read once for all releases. */
export interface QuarantineFacts {
  /** By tree digest. */
  readonly held: ReadonlyMap<Sha256, Quarantine>;
  readonly damaged: ReadonlySet<Sha256>;
}

export function quarantineFacts(world: World, { home }: Snapshot): QuarantineFacts {
  const { records, damaged } = home.quarantine.survey();
  const standing = standingQuarantine(world, records);
  return { held: new Map(standing.map((one) => [one.tree, one])), damaged: new Set(damaged) };
}

function quarantineChecks(
  quarantine: QuarantineFacts,
  need: NeededRelease,
  tree: string | undefined,
): readonly ReadyCheck[] {
  const held = tree === undefined ? undefined : quarantine.held.get(tree);
  if (tree === undefined || (held === undefined && !quarantine.damaged.has(tree))) return [];
  const why = held === undefined ? "The record of why is damaged." : held.reason;
  const what = `${releaseName(need)} is quarantined on this host: ${why}.`;
  if (held?.host !== undefined)
    return [missed("quarantine", what, "Mend the host, and it is tried again: enginery upgrade")];
  return [missed("quarantine", what, `enginery quarantine lift ${tree}`)];
}

function hashesCheck(installation: Installation, problems: readonly VerifyProblem[], quick: boolean): ReadyCheck {
  const [first] = problems;
  const { files, bytes } = installation;
  if (first === undefined) {
    return passed(
      "hashes",
      quick
        ? `Sizes and times of ${files} files are as sealed.`
        : `${files} files, ${mebibytes(bytes)} MiB, are as signed.`,
    );
  }
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  const what = `${quote(first.path)} is not as signed: ${first.kind}${more}.`;
  return missed("hashes", what, `enginery verify --repair ${releaseName(installation)}`);
}

function releaseOf({ manifest }: Snapshot, { engine, version }: NeededRelease): Release | undefined {
  const known = Object.hasOwn(manifest.engines, engine) ? manifest.engines[engine]?.releases : undefined;
  return known !== undefined && Object.hasOwn(known, version) ? known[version] : undefined;
}

function platformOf(world: World, { config }: Snapshot): string {
  return config.platform ?? world.host.platform;
}
