import { EngineryError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Engine, Epoch, Manifest } from "../../core/model/manifest.ts";
import { encodeManifest, parseManifest } from "../../core/parse-manifest.ts";
import { unknownEngine } from "../../core/unknown-engine.ts";
import type { Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import type { ChannelRequest, DraftResult } from "../publisher.ts";
import { checkDraft, requireReadable } from "./check-draft.ts";
import { withRepositoryLock } from "./locking.ts";
import { type Published, type PublishedManifest, readPublished } from "./published.ts";
import { type PublisherWorld, repositoryOf } from "./world.ts";

/** What a channel's next manifest will say, as far as it is known. */
export interface Draft {
  readonly channel: string;
  readonly published: PublishedManifest | undefined;
  readonly manifest: Manifest;
}

export const NEW_ENGINE: Engine = {
  rules: { maxFuture: null, maxDeployments: null, alterPending: "deny" },
  deployments: [],
  releases: {},
};

/** The verbs that change the draft: open, change, check, keep. A refusal leaves the draft as it was. */
export async function editDraft<T extends object>(
  world: PublisherWorld,
  request: ChannelRequest & { readonly epoch?: Epoch | undefined },
  verb: string,
  change: (draft: Draft, repository: Repository) => Promise<Edited<T>> | Edited<T>,
): Promise<DraftResult & T> {
  const repository = repositoryOf(world, request.directory);
  const author = await world.authoring();
  return await withRepositoryLock(world, repository, { verb, dryRun: request.dryRun }, async () => {
    const published = readPublished(repository, author, world.digester);
    const draft = openDraft(repository, published, request.channel);
    const { manifest: changedManifest, facts } = await change(draft, repository);
    const manifest = requireReadable(changedManifest);
    checkDraft(draft.published?.manifest, manifest, request.epoch);
    const changed = !sameContent(manifest, draft.manifest);
    if (changed && !request.dryRun) saveDraft(repository, manifest);
    const { channel, serial } = manifest;
    return { channel, serial, changed, ...facts, ...(request.dryRun ? { dryRun: true as const } : {}) };
  });
}

export interface Edited<T extends object = object> {
  readonly manifest: Manifest;
  readonly facts: T;
}

export function withEngine(manifest: Manifest, name: string, engine: Engine): Manifest {
  return { ...manifest, engines: { ...manifest.engines, [name]: engine } };
}

/** Errors: `unknown-engine`. */
export function engineOf(manifest: Manifest, name: string): Engine {
  const engine = Object.hasOwn(manifest.engines, name) ? manifest.engines[name] : undefined;
  if (engine !== undefined) return engine;
  throw unknownEngine(manifest, name, "Add its first release with `enginery repo add`.");
}

/** Errors: `unknown-channel`, `usage` where several could be meant. */
export function openDraft(repository: Repository, published: Published, channel: string | undefined): Draft {
  return draftOf(repository, published, channel ?? onlyChannel(repository, published));
}

export function channelsOf(repository: Repository, published: Published): readonly string[] {
  const drafts = repository.files(repositoryLayout.draftChannelFolder).map((name) => name.replace(/\.json$/, ""));
  return [...new Set([...published.channels.keys(), ...drafts])].sort();
}

function onlyChannel(repository: Repository, published: Published): string {
  const [channel, ...others] = channelsOf(repository, published);
  if (channel !== undefined && others.length === 0) return channel;
  throw new EngineryError("usage", "The repository does not have exactly one channel.", {
    hint: "Name it with --channel.",
    context: { channels: channelsOf(repository, published) },
  });
}

/** The draft as it is kept, else what is published; numbered as the next manifest. Errors: `unknown-channel`, `document-invalid`. */
export function draftOf(repository: Repository, published: Published, channel: string): Draft {
  const before = published.channels.get(channel);
  const kept = repository.read(repositoryLayout.draftChannel(channel));
  const content = kept === undefined ? before?.manifest : parseManifest(kept);
  if (content === undefined)
    throw new EngineryError("unknown-channel", `The repository has no channel ${channel}.`, {
      hint: "Make it with `enginery repo init DIR --channel NAME`.",
      context: { channel },
    });
  const manifest = {
    ...content,
    serial: (before?.manifest.serial ?? 0) + 1,
    previous: before?.sha256 ?? null,
    publishedEpoch: null,
  };
  return { channel, published: before, manifest };
}

export function saveDraft(repository: Repository, manifest: Manifest): void {
  repository.write(repositoryLayout.draftChannel(manifest.channel), encodeManifest(manifest));
}

/** Whether two manifests say the same of engines, whatever their numbers. */
export function sameContent(a: Manifest, b: Manifest): boolean {
  return contentOf(a) === contentOf(b);
}

function contentOf({ unit, engines }: Manifest): string {
  return new TextDecoder().decode(canonicalJson({ unit, engines }));
}
