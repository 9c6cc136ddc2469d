import { EngineryError } from "../../core/errors.ts";
import { expiryInstant, isInstant } from "../../core/expiry.ts";
import type { Epoch, Manifest, Sha256 } from "../../core/model/manifest.ts";
import { encodeManifest, parseManifest } from "../../core/parse-manifest.ts";
import { channelFile } from "../../core/repository-paths.ts";
import type { MetadataAuthor, MetadataRole, SignedFile } from "../../ports/authoring.ts";
import type { Digester } from "../../ports/digest.ts";
import type { Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import { checkDraft, requireReadable } from "./check-draft.ts";
import { headOf, isComplete, type RootDocument } from "./documents.ts";
import { channelsOf, type Draft, draftOf, sameContent } from "./draft.ts";
import type { Published } from "./published.ts";

/** What would become visible: the bytes of each new document, with the signatures that earlier runs kept. */
export interface Proposal {
  readonly root: RootDocument;
  /** The root before, where a new one is proposed. */
  readonly before: RootDocument | undefined;
  readonly manifest: ProposedManifest | undefined;
  readonly targets: Uint8Array;
  readonly newTargets: boolean;
}

export interface ProposedManifest {
  readonly channel: string;
  readonly bytes: Uint8Array;
  readonly sha256: Sha256;
  readonly manifest: Manifest;
}

export interface ProposalRequest {
  readonly channel?: string | undefined;
  readonly epoch?: Epoch | undefined;
  readonly renew?: boolean | undefined;
  /** Of targets. */
  readonly expires: string;
}

export interface Desk {
  readonly repository: Repository;
  readonly author: MetadataAuthor;
  readonly digester: Digester;
  readonly published: Published;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Undefined where all that there is is visible already. Errors: `schedule-*`, `release-changed`, `usage`. */
export function propose(desk: Desk, request: ProposalRequest): Proposal | undefined {
  const { author, published } = desk;
  const rotated = proposedRoot(desk);
  const root = rotated ?? published.root;
  const before = rotated === undefined ? undefined : published.root;
  const draft = pendingDraft(desk, request.channel);
  const manifest = draft === undefined ? undefined : proposeManifest(desk, draft, request.epoch);
  const old = published.metadata?.targets;
  const newTargets =
    manifest !== undefined ||
    request.renew === true ||
    isRenewing(desk) ||
    old === undefined ||
    !isComplete(author, "targets", old.bytes, root);
  if (!newTargets && rotated === undefined) return undefined;
  const targets = newTargets ? proposeTargets(desk, manifest, request.expires) : old.bytes;
  return { root, before, manifest, targets, newTargets };
}

/** A root that `rotate-root` drafted and that is not visible yet. */
export function proposedRoot({
  repository,
  author,
  published,
}: Pick<Desk, "repository" | "author" | "published">): RootDocument | undefined {
  const bytes = repository.read(repositoryLayout.proposed("root"));
  if (bytes === undefined) return undefined;
  const body = author.readRoot(bytes);
  return body.version === published.root.body.version + 1 ? { bytes, body } : undefined;
}

/** Whether somebody signed the published manifests anew, and others have yet to: they need not say `renew` again. */
export function isRenewing({
  repository,
  author,
  published,
}: Pick<Desk, "repository" | "author" | "published">): boolean {
  const kept = repository.read(repositoryLayout.proposed("targets"));
  const old = published.metadata?.targets.body;
  if (kept === undefined || old === undefined) return false;
  const { version, files } = author.readTargets(kept);
  const listed = (list: readonly SignedFile[]): string =>
    list.map(({ path, sha256 }) => `${path} ${sha256}`).join("\n");
  return version === old.version + 1 && listed(files) === listed(old.files);
}

/** The one draft that says something new. Errors: `unknown-channel`, `usage` where several could be meant. */
function pendingDraft({ repository, published }: Desk, channel: string | undefined): Draft | undefined {
  const channels = channel === undefined ? channelsOf(repository, published) : [channel];
  const pending = channels
    .map((one) => draftOf(repository, published, one))
    .filter(({ manifest, published: old }) => old === undefined || !sameContent(manifest, old.manifest));
  if (pending.length > 1)
    throw new EngineryError("usage", "More than one channel has a draft, and each is signed by itself.", {
      hint: "Name one with --channel.",
      context: { channels: pending.map((draft) => draft.channel) },
    });
  return pending[0];
}

function proposeManifest({ repository, digester }: Desk, draft: Draft, epoch: Epoch | undefined): ProposedManifest {
  const kept = repository.read(repositoryLayout.proposedChannel(draft.channel));
  const keptManifest = kept === undefined ? undefined : parseManifest(kept);
  // A later signer need not repeat the epoch that the first one named.
  const keptEpoch =
    keptManifest !== undefined && sameContent(keptManifest, draft.manifest) ? keptManifest.publishedEpoch : null;
  const manifest = requireReadable({ ...draft.manifest, publishedEpoch: epoch ?? keptEpoch });
  checkDraft(draft.published?.manifest, manifest, manifest.publishedEpoch ?? undefined);
  const bytes = encodeManifest(manifest);
  return { channel: draft.channel, bytes, sha256: digester.sha256(bytes), manifest };
}

/** Names every channel: the others as they are published. */
function proposeTargets(desk: Desk, manifest: ProposedManifest | undefined, expires: string): Uint8Array {
  const { author, published } = desk;
  const files = new Map<string, SignedFile>(
    published.metadata?.targets.body.files.map((file): [string, SignedFile] => [file.path, file]),
  );
  if (manifest !== undefined) {
    const path = channelFile(manifest.channel);
    files.set(path, { path, bytes: manifest.bytes.length, sha256: manifest.sha256 });
  }
  const version = (published.metadata?.targets.body.version ?? 0) + 1;
  const sorted = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return keptOr(desk, "targets", expires, (instant) => author.targets({ version, expires: instant, files: sorted }));
}

/**
 * The document that an earlier run kept, with its signatures, where it says the same; else a new one. A span of time (`30d`) counts
 * from the first run; an instant that differs makes a new document, and so does one that has passed.
 */
export function keptOr(
  desk: Desk,
  role: MetadataRole,
  expires: string,
  make: (expires: string) => Uint8Array,
): Uint8Array {
  const { repository, author, now } = desk;
  const fresh = make(expiryInstant(expires, now));
  const kept = repository.read(repositoryLayout.proposed(role));
  if (kept === undefined) return fresh;
  const head = headOf(author, role, kept);
  const outdated = Date.parse(head.expires) <= now || (isInstant(expires) && expires !== head.expires);
  return !outdated && samePayload(author, role, kept, make(head.expires)) ? kept : fresh;
}

function samePayload(author: MetadataAuthor, role: MetadataRole, a: Uint8Array, b: Uint8Array): boolean {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(author.payload(role, bytes));
  return text(a) === text(b);
}
