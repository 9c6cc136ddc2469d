import { EngineryError } from "../../core/errors.ts";
import type { TrustSet } from "../../ports/trust.ts";
import type { Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import { type ClientView, viewAsKnownClient, viewAsNewClient } from "./client-check.ts";
import { isComplete, type RootDocument } from "./documents.ts";
import { channelsOf, draftOf, sameContent } from "./draft.ts";
import { type Desk, isRenewing, type ProposedManifest, proposedRoot } from "./proposal.ts";
import { type Published, readPublished } from "./published.ts";
import type { PublisherWorld } from "./world.ts";

/** A whole set of metadata with every signature that it needs. */
export interface Complete {
  readonly root: RootDocument;
  readonly before: RootDocument | undefined;
  readonly manifest: ProposedManifest | undefined;
  readonly targets: Uint8Array;
  readonly snapshot: Uint8Array;
  readonly timestamp: Uint8Array;
}

/**
 * repo-sign.md 6: two clients read it as if it were visible, one that has seen nothing and one that has seen what
 * is visible now. Writes nothing. Errors: `trust-*` and whatever else a client would say.
 */
export async function verifyAsClients(world: PublisherWorld, desk: Desk, complete: Complete): Promise<void> {
  const { repository, published } = desk;
  const files = new Map([...contentFiles(complete), ...metadataFiles(desk, complete)]);
  const channels = [
    ...new Set([...published.channels.keys(), ...(complete.manifest ? [complete.manifest.channel] : [])]),
  ];
  requireOffered(complete, await viewAsNewClient(world, repository, channels, { files, allowExpired: false }));
  const known = await visibleNow(world, desk);
  if (known !== undefined) requireOffered(complete, await viewAsKnownClient(world, repository, known, channels, files));
}

/** Undefined where nothing can be read as it is: then nobody has seen it. */
async function visibleNow(world: PublisherWorld, { repository, published }: Desk): Promise<TrustSet | undefined> {
  if (published.metadata === undefined) return undefined;
  const options = { files: new Map<string, Uint8Array>(), allowExpired: true };
  try {
    return (await viewAsNewClient(world, repository, [...published.channels.keys()], options)).set;
  } catch (error) {
    world.reporter.note(
      `What is visible now cannot be read by a client: ${error instanceof Error ? error.message : error}`,
    );
    return undefined;
  }
}

function requireOffered({ manifest }: Complete, view: ClientView): void {
  if (manifest === undefined || view.manifests.get(manifest.channel)?.sha256 === manifest.sha256) return;
  throw new EngineryError("internal", "A client would not be offered the manifest that was signed.");
}

/** repo-sign.md 8 to 11. Each write is durable before the next; dying between any two leaves clients the old or the new. */
export function makeVisible(desk: Desk, complete: Complete): void {
  const { repository } = desk;
  for (const [path, bytes] of contentFiles(complete)) repository.write(path, bytes);
  for (const [path, bytes] of metadataFiles(desk, complete)) repository.write(path, bytes);
}

function contentFiles({ manifest }: Complete): readonly [string, Uint8Array][] {
  if (manifest === undefined) return [];
  const { channel, sha256, bytes } = manifest;
  return [
    [repositoryLayout.manifest(sha256), bytes],
    [repositoryLayout.channelByHash(channel, sha256), bytes],
  ];
}

/** In the order in which they become visible (repo-sign.md 9). timestamp.json is the commit point (repo-sign.md 10). */
function metadataFiles(desk: Desk, complete: Complete): readonly [string, Uint8Array][] {
  const { author } = desk;
  const { root, before, targets, snapshot, timestamp } = complete;
  const newRoot: [string, Uint8Array][] =
    before === undefined ? [] : [[repositoryLayout.root(root.body.version), root.bytes]];
  const rest: [string, Uint8Array][] = [
    [repositoryLayout.targets(author.readTargets(targets).version), targets],
    [repositoryLayout.snapshot(author.readSnapshot(snapshot).version), snapshot],
    [repositoryLayout.timestamp, timestamp],
  ];
  return rootGoesLast(desk, complete) ? [...rest, ...newRoot] : [...newRoot, ...rest];
}

/**
 * repo-sign.md 11: a client takes every new root before it looks at the timestamp. Where the visible documents do not hold under the new root (keys
 * went), and the new ones hold under the old root as well, the root must come last, or a client between the two would be lost.
 */
function rootGoesLast({ author, published }: Desk, { root, before, targets, snapshot, timestamp }: Complete): boolean {
  const old = published.metadata;
  if (before === undefined || old === undefined) return false;
  const hold = (
    set: { targets: Uint8Array; snapshot: Uint8Array; timestamp: Uint8Array },
    under: RootDocument,
  ): boolean =>
    isComplete(author, "targets", set.targets, under) &&
    isComplete(author, "snapshot", set.snapshot, under) &&
    isComplete(author, "timestamp", set.timestamp, under);
  const visible = { targets: old.targets.bytes, snapshot: old.snapshot.bytes, timestamp: old.timestamp.bytes };
  return !hold(visible, root) && hold({ targets, snapshot, timestamp }, before);
}

/** repo-sign.md 12: what people read, and the drafts that have become visible. Repeats itself without harm. */
export function tidy(desk: Pick<Desk, "repository" | "author" | "digester">): Published {
  const { repository, author, digester } = desk;
  const published = readPublished(repository, author, digester);
  for (const [channel, { bytes }] of published.channels) repository.write(repositoryLayout.channel(channel), bytes);
  const where = { repository, author, published };
  const open = proposedRoot(where) !== undefined || isRenewing(where) || hasOpenDraft(repository, published);
  if (!open) repository.removeFolder(repositoryLayout.proposalFolder);
  for (const channel of channelsOf(repository, published)) {
    const draft = draftOf(repository, published, channel);
    if (draft.published !== undefined && sameContent(draft.manifest, draft.published.manifest))
      repository.remove(repositoryLayout.draftChannel(channel));
  }
  repository.sweepIncoming();
  return published;
}

/** Whether signatures that were kept may still count for something. */
function hasOpenDraft(repository: Repository, published: Published): boolean {
  return channelsOf(repository, published).some((channel) => {
    const { manifest, published: old } = draftOf(repository, published, channel);
    return old === undefined || !sameContent(manifest, old.manifest);
  });
}
