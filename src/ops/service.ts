import { EngineryError } from "../core/errors.ts";
import { commandsToStart, commandsToStop, linksOfEnabled } from "../core/service/commands.ts";
import {
  type FoundServiceFile,
  foundAs,
  type ServiceFile,
  type ServicePlace,
  serviceFiles,
} from "../core/service/files.ts";
import { openServiceFolder, type ServiceFolder } from "../store/service-folder.ts";
import type {
  InstallServiceResult,
  RemoveServiceResult,
  ServiceChangeRequest,
  ServiceRequest,
  ServiceStatus,
} from "./service-words.ts";
import type { World } from "./world.ts";

/** There where systemd has started the host, as `sd_booted` looks for it. */
const SYSTEMD_RUNS = "/run/systemd/system";

/**
 * Writes what systemd, launchd or the task scheduler are to start (docs/operations/service.md). Starts nothing by itself. Errors: `refused` where
 * somebody changed a file, before anything is written; `usage`, `missing`, `permission`, `disk-full`.
 */
export async function installService(world: World, request: ServiceChangeRequest): Promise<InstallServiceResult> {
  // 1. Look. If we die here: nothing was written.
  const { folder, files, place } = look(world, request);
  if (!request.changedToo) for (const { path, found } of files) requireOurs(path, found);
  const due = files.filter(({ found }) => found !== "same");
  const next = due.length === 0 ? [] : commandsToStart(place, request.services);
  const result = {
    ...statusOf(request, files),
    written: due.map(({ path, bytes }) => ({ path, text: textOf(bytes) })),
    next,
  };
  warnOfIdleFiles(world, place);
  if (request.dryRun) return { ...result, dryRun: true };
  // 2. Write each. If we die here: those before it are there, whole; nothing starts them yet.
  for (const { path, bytes } of due) folder.write(path, bytes);
  return { ...result, files: files.map(({ path }) => ({ path, found: "same" })) };
}

/** What of the files is there, and whether it is as it would be written. Changes nothing. */
export async function serviceStatus(world: World, request: ServiceRequest): Promise<ServiceStatus> {
  return statusOf(request, look(world, request).files);
}

/** Removes the files; what somebody changed stays. Errors: `refused` where systemd still has one enabled. */
export async function removeService(world: World, request: ServiceChangeRequest): Promise<RemoveServiceResult> {
  // 3. Look. If we die here: nothing was removed.
  const { folder, files, place } = look(world, request);
  const stop = commandsToStop(place, request.services);
  const enabled = linksOfEnabled(place, request.services).find(folder.isThere);
  if (enabled !== undefined) {
    throw new EngineryError("refused", `It is enabled still: ${enabled}.`, {
      hint: `Stop it first: ${stop.join("; ")}`,
      context: { path: enabled },
    });
  }
  const there = files.filter(({ found }) => found !== "absent");
  const goes = there.filter(({ found }) => request.changedToo || found !== "changed").map(({ path }) => path);
  const kept = there.flatMap(({ path }) => (goes.includes(path) ? [] : [{ path, why: "changed" as const }]));
  const after = place.manager === "systemd" ? commandsToStart(place, request.services).slice(0, 1) : stop;
  const result = { manager: place.manager, removed: goes, kept, next: goes.length === 0 ? [] : after };
  if (request.dryRun) return { ...result, dryRun: true };
  // 4. Remove each. If we die here: some are gone; the same words remove the rest.
  for (const path of goes) folder.remove(path);
  return result;
}

/** Files may be made on a host that is not ready for them yet; nobody should think that they run there. */
function warnOfIdleFiles({ fileSystem, host, reporter }: World, { manager, command }: ServicePlace): void {
  if (fileSystem.realPath(command) === undefined)
    reporter.warn("service", `There is no program ${command} yet: what starts it would fail.`);
  const isBooted = fileSystem.status(SYSTEMD_RUNS)?.kind === "directory";
  if (manager === "systemd" && host.platform.startsWith("linux") && !isBooted)
    reporter.warn(
      "service",
      `systemd does not run here (no ${SYSTEMD_RUNS}): nothing takes up these files. Have what starts programs here run \`enginery watch\`.`,
    );
}

interface LookedAt extends ServiceFile {
  readonly found: FoundServiceFile;
}

function look(
  world: World,
  request: ServiceRequest,
): { readonly folder: ServiceFolder; readonly files: readonly LookedAt[]; readonly place: ServicePlace } {
  const command = request.command ?? world.host.command;
  if (command === undefined) {
    throw new EngineryError("missing", "Nothing says where the program is that is to be started.", {
      hint: "Say it: --command FILE.",
    });
  }
  const { sha256 } = world.digester;
  const folder = openServiceFolder(world.fileSystem, () => world.identifiers.operation());
  const place = { ...request, command };
  const files = serviceFiles(place, request.services, sha256).map((file) => ({
    ...file,
    found: foundAs(folder.read(file.path), file.bytes, sha256),
  }));
  return { folder, files, place };
}

function statusOf({ manager }: ServiceRequest, files: readonly LookedAt[]): ServiceStatus {
  return { manager, files: files.map(({ path, found }) => ({ path, found })) };
}

function requireOurs(path: string, found: FoundServiceFile): void {
  if (found !== "changed") return;
  throw new EngineryError("refused", `${path} was changed, or was not made by Enginery.`, {
    hint: "Keep what you need of it in a drop-in, then say --changed-too.",
    context: { path },
  });
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder(bytes[0] === 0xff ? "utf-16le" : "utf-8").decode(bytes);
}
