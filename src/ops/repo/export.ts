import type { ErrorCode } from "../../core/error-codes.ts";
import { EngineryError } from "../../core/errors.ts";
import { checkSchedule } from "../../core/schedule.ts";
import { exportLayout } from "../../store/export-layout.ts";
import { openOutput, openScratch, requirePlace } from "../../store/output-file.ts";
import type { ExportRequest, ExportResult } from "../publisher.ts";
import { type ExportedBuild, exportContent } from "./export-content.ts";
import { chosenBuilds } from "./export-releases.ts";
import { type Published, type PublishedManifest, readPublished } from "./published.ts";
import { verify } from "./verify.ts";
import { type PublisherWorld, repositoryOf } from "./world.ts";

const FORMATS = ["tar.zst", "tar.gz"] as const;
/** What is large in here is compressed already. */
const LEVELS = { "tar.zst": 9, "tar.gz": 6 } as const;
const FILE_MODE = 0o644;

/**
 * Writes a channel as one plain archive: releases laid out, and the repository that they come from (docs/operations/repo-export.md). Refuses what
 * a client would refuse. Same repository, same bytes. Errors: those of `repo verify`'s problems, `usage`, `unknown-engine`, `unknown-version`,
 * `release-withdrawn`, `platform-missing`, `offline`, `refused`, `disk-full`.
 */
export async function exportChannel(world: PublisherWorld, request: ExportRequest): Promise<ExportResult> {
  const format = FORMATS.find((one) => request.to.endsWith(`.${one}`));
  if (format === undefined)
    throw new EngineryError("usage", `${request.to} is the name of no archive.`, {
      hint: "Let it end in .tar.zst or .tar.gz.",
    });
  requirePlace(world.fileSystem, request.to);
  if (request.to.startsWith(`${request.directory}/`))
    throw new EngineryError("refused", `${request.to} lies within the repository, which serves all that is in it.`, {
      hint: "Write it to another folder.",
      context: { path: request.to },
    });
  const repository = repositoryOf(world, request.directory);
  // 1. All of it is as a client wants it. If we die here: nothing was written.
  await requireSound(world, request);
  const published = readPublished(repository, await world.authoring(), world.digester);
  const channel = channelOf(published, request.channel);
  checkSchedule(channel.manifest);
  const { builds, left } = chosenBuilds(channel.manifest, request);
  const result = resultOf(world, published, channel, builds, left);
  if (request.dryRun) return { ...result, file: null, dryRun: true };
  // 2. Each archive is unpacked beside the new file. If we die here: hidden files beside it, to be removed by hand.
  const newName = (): string => world.identifiers.operation();
  using downloads = openScratch(world.fileSystem, request.to, newName);
  const content = await exportContent(
    world,
    repository,
    { published, channel, builds, downloads, offline: request.offline },
    () => openScratch(world.fileSystem, request.to, newName),
  );
  // 3. Packed, flushed, named. If we die here: as in 2; the file has its name when it is whole.
  using output = openOutput(world.fileSystem, request.to, FILE_MODE, newName);
  const digest = world.digester.start();
  let bytes = 0;
  try {
    const writer = await world.archiveWriter();
    const take = (chunk: Uint8Array): void => {
      output.write(chunk);
      digest.update(chunk);
      bytes += chunk.length;
    };
    await writer.pack(content.tree, content.read, take, { format, level: LEVELS[format] });
  } finally {
    content[Symbol.dispose]();
  }
  output.adopt();
  return { ...result, file: { path: request.to, sha256: digest.finish(), bytes } };
}

/** Errors: the first of what `repo verify` finds. */
async function requireSound(world: PublisherWorld, request: ExportRequest): Promise<void> {
  const { problems } = await verify(world, { directory: request.directory });
  const [first] = problems;
  if (first === undefined) return;
  throw new EngineryError(first.code as ErrorCode, `${first.path}: ${first.message}`, {
    hint: "See all of it: `enginery repo verify`.",
    context: { path: first.path, problems: problems.length },
  });
}

function channelOf({ channels }: Published, asked: string | undefined): PublishedManifest {
  const name = asked ?? (channels.size === 1 ? [...channels.keys()].join() : undefined);
  if (name === undefined)
    throw new EngineryError("usage", "The repository has several channels.", {
      hint: `Say --channel NAME: ${[...channels.keys()].join(", ")}.`,
    });
  const found = channels.get(name);
  if (found !== undefined) return found;
  throw new EngineryError("unknown-channel", `Nothing of a channel ${name} is visible.`, {
    hint: "Publish it: `enginery repo sign`.",
  });
}

function resultOf(
  world: PublisherWorld,
  { root }: Published,
  { manifest, sha256 }: PublishedManifest,
  builds: readonly ExportedBuild[],
  left: ExportResult["left"],
): Omit<ExportResult, "file"> {
  return {
    channel: manifest.channel,
    serial: manifest.serial,
    manifest: sha256,
    root: { version: root.body.version, sha256: world.digester.sha256(root.bytes) },
    folder: exportLayout.folder(manifest),
    releases: builds.map(({ engine, version, platform, build: { tree } }) => ({
      engine,
      version,
      platform,
      tree: tree.digest,
      files: tree.files,
      unpackedBytes: tree.unpackedBytes,
    })),
    left,
  };
}
