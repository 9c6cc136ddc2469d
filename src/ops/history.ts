import { EngineryError, isEngineryError } from "../core/errors.ts";
import { pastInstant } from "../core/instant.ts";
import { joinedBytes } from "../core/joined-bytes.ts";
import type { Generation, LedgerEntry } from "../core/model/home.ts";
import { platformRelease } from "../core/platform.ts";
import { releaseName } from "../core/release-name.ts";
import { type Work, workIn } from "../core/work.ts";
import type { ExportedLedger, ExportRequest, HistoryRequest, HistoryResult, SpanInEffect } from "./operator.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { workInLedger, workOnRecord } from "./work.ts";
import type { World } from "./world.ts";

const EXPORT_MODE = 0o644;
const LINE_END = new Uint8Array([0x0a]);

/** Generations, what is in effect when, what ran, and the ledger; each oldest first (docs/operations/history.md). Errors: `unknown-engine`, `usage`. */
export async function history(world: World, request: HistoryRequest): Promise<HistoryResult> {
  const snapshot = takeSnapshot(world, request);
  const since = request.since === undefined ? undefined : pastInstant(request.since, world.clock.now());
  const isRecent = ({ at }: { readonly at: string }) => since === undefined || Date.parse(at) >= since;
  requireKnown(snapshot, request.engine);
  return {
    generations: generations(snapshot, request).filter(isRecent),
    inEffect: spansInEffect(world, snapshot, request),
    work: workOf(world, snapshot).filter(
      (work) => isAsked(request, work) && (isRecent(work) || isRecent({ at: work.until ?? work.at })),
    ),
    ledger: snapshot.home.ledger.read().filter((entry) => isRecent(entry) && concerns(entry, request)),
  };
}

/** Leases that cannot be looked at are told of by `doctor`. */
function workOf(world: World, { home }: Snapshot): readonly Work[] {
  try {
    return [...workOnRecord(world, home)];
  } catch (error) {
    if (!isEngineryError(error, "home-damaged", "lease-folder", "permission")) throw error;
    return [...workInLedger(home)];
  }
}

/** Every line of the ledger that can be read, byte for byte: to a new file, or in the answer. Errors: `refused` where the file is there. */
export async function exportLedger(world: World, request: ExportRequest): Promise<ExportedLedger> {
  const { home } = takeSnapshot(world, request);
  const parts: Uint8Array[] = [];
  let lines = 0;
  for (const { bytes } of home.ledger.texts()) {
    parts.push(Uint8Array.from(bytes), LINE_END);
    lines += 1;
  }
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const { to } = request;
  if (to === undefined) return { lines, bytes: size, content: joinedBytes(parts) };
  using file = world.fileSystem.createExclusive(to, EXPORT_MODE);
  if (file === undefined)
    throw new EngineryError("refused", `${to} is there already.`, { hint: "Name a file that is not there." });
  for (const part of parts) file.write(part);
  file.sync();
  return { lines, bytes: size, to };
}

/** Errors: `unknown-engine`. */
function requireKnown({ manifest, home }: Snapshot, engine: string | undefined): void {
  if (engine === undefined || Object.hasOwn(manifest.engines, engine)) return;
  for (const entry of home.ledger.entries()) if (concerns(entry, { engine })) return;
  throw new EngineryError("unknown-engine", `Neither the channel ${manifest.channel} nor the ledger knows ${engine}.`, {
    context: { engine, known: Object.keys(manifest.engines).sort() },
  });
}

function generations({ home, newest }: Snapshot, { engine }: HistoryRequest): HistoryResult["generations"] {
  return home.generations.numbers().flatMap((number) => {
    const generation = number === newest.number ? newest : home.generations.read(number);
    return generation === undefined ? [] : [generationRow(generation, number === newest.number, engine)];
  });
}

function generationRow(
  generation: Generation,
  newest: boolean,
  asked: string | undefined,
): HistoryResult["generations"][number] {
  const { number, cause, at, manifest, restores, reasons, installations } = generation;
  return {
    number,
    cause,
    at,
    manifest,
    installations: installations.length,
    releases: installations
      .filter(({ engine }) => asked === undefined || engine === asked)
      .map(({ engine, version, tree }) => ({ engine, version, tree })),
    newest,
    ...(restores === undefined ? {} : { restores }),
    ...(reasons === undefined ? {} : { reasons }),
  };
}

/** By the accepted manifest: which release answers from which epoch to which. */
function spansInEffect(
  world: World,
  { manifest, newest, config }: Snapshot,
  { engine: asked, epoch }: HistoryRequest,
): readonly SpanInEffect[] {
  const platform = config.platform ?? world.host.platform;
  const installed = new Map(newest.installations.map((one) => [releaseName(one), one]));
  return Object.entries(manifest.engines).flatMap(([engine, { deployments, releases }]) => {
    if (asked !== undefined && engine !== asked) return [];
    const sorted = deployments.toSorted((one, other) => one.validFrom - other.validFrom);
    return sorted.flatMap(({ version, validFrom }, place): SpanInEffect[] => {
      const next = sorted[place + 1]?.validFrom;
      const lastEpoch = next === undefined ? null : next - 1;
      if (epoch !== undefined && (epoch < validFrom || (lastEpoch !== null && epoch > lastEpoch))) return [];
      const here = installed.get(releaseName({ engine, version }));
      const release = releases[version];
      const tree = here?.tree ?? (release && platformRelease(release, platform)?.tree.digest) ?? null;
      return [{ engine, version, tree, validFrom, lastEpoch, installed: here !== undefined }];
    });
  });
}

type Asked = Pick<HistoryRequest, "engine" | "epoch">;

function isAsked({ engine, epoch }: Asked, work: Work): boolean {
  return (engine === undefined || work.engine === engine) && (epoch === undefined || work.epoch === epoch);
}

/** Whether a line tells of the engine that is asked for; with an epoch: of work at it. */
function concerns(entry: LedgerEntry, asked: Asked): boolean {
  const { engine, epoch } = asked;
  if (epoch !== undefined) return workIn(entry).some((work) => isAsked(asked, work));
  return engine === undefined || names(entry.detail, engine);
}

/** Whether anywhere in it there is a member `engine` of that value. */
function names(value: unknown, engine: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ("engine" in value && value.engine === engine) return true;
  return Object.values(value).some((one) => names(one, engine));
}
