import { EngineryError } from "../../core/errors.ts";
import { expiryInstant } from "../../core/expiry.ts";
import type { Manifest } from "../../core/model/manifest.ts";
import { checkChannelName } from "../../core/names.ts";
import { encodeManifest, parseManifest } from "../../core/parse-manifest.ts";
import type { MetadataAuthor } from "../../ports/authoring.ts";
import type { Repository } from "../../store/repository.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import type { InitRequest, InitResult, PublicKeySummary } from "../publisher.ts";
import { channelsOf, saveDraft } from "./draft.ts";
import { addKeyNames, readKeyNames } from "./key-names.ts";
import { keyFileFacts, keySummaries } from "./key-summaries.ts";
import { withRepositoryLock } from "./locking.ts";
import { keepNewKeys, makeKeys, type NamedKey, requireOutside } from "./new-keys.ts";
import { newestRoot, readPublished } from "./published.ts";
import { type PublisherWorld, repositoryOf } from "./world.ts";

/**
 * A repository: keys, the first root, an empty channel's draft. Where the repository is there already it only gains the channel,
 * and no key is made. Errors: `bad-name`, `usage`, `refused` (the channel, or a key file, is there already).
 */
export async function init(world: PublisherWorld, request: InitRequest): Promise<InitResult> {
  const channel = checkChannelName(request.channel);
  const empty = emptyManifest(channel, request.unit ?? "epoch");
  const repository = repositoryOf(world, request.directory);
  const author = await world.authoring();
  return await withRepositoryLock(world, repository, { verb: "init", dryRun: request.dryRun }, async () => {
    const existing = newestRoot(repository, author);
    const made = existing === undefined ? await makeFirstRoot(world, repository, author, request) : undefined;
    if (existing !== undefined) requireNewChannel(repository, author, world, channel);
    const root = made?.bytes ?? existing?.bytes ?? new Uint8Array();
    const body = author.readRoot(root);
    // The draft last: until it is there, the same command goes on where it died.
    if (!request.dryRun) saveDraft(repository, empty);
    return {
      root: {
        version: body.version,
        sha256: world.digester.sha256(root),
        path: repository.absolute(repositoryLayout.root(body.version)),
      },
      channel,
      threshold: body.roles.root.threshold,
      keys: made?.keys ?? keySummaries(body, readKeyNames(repository)),
      ...(request.dryRun ? { dryRun: true as const } : {}),
    };
  });
}

/** Through the parser, so that what a client would refuse is refused here. */
function emptyManifest(channel: string, unit: string): Manifest {
  return parseManifest(
    encodeManifest({ format: 1, channel, serial: 1, previous: null, publishedEpoch: null, unit, engines: {} }),
  );
}

function requireNewChannel(
  repository: Repository,
  author: MetadataAuthor,
  world: PublisherWorld,
  channel: string,
): void {
  if (!channelsOf(repository, readPublished(repository, author, world.digester)).includes(channel)) return;
  throw new EngineryError("refused", `The repository has the channel ${channel} already.`, {
    hint: "Go on with `enginery repo add`.",
    context: { channel },
  });
}

async function makeFirstRoot(
  world: PublisherWorld,
  repository: Repository,
  author: MetadataAuthor,
  request: InitRequest,
): Promise<{ readonly bytes: Uint8Array; readonly keys: readonly PublicKeySummary[] }> {
  const threshold = request.threshold ?? 1;
  const count = request.keys ?? threshold;
  if (!Number.isInteger(threshold) || threshold < 1 || !Number.isInteger(count) || count < threshold || count > 64)
    throw new EngineryError("usage", `${threshold} of ${count} keys cannot be a threshold.`, {
      hint: "Give --threshold N and --keys M with N from 1 to M, and M at most 64.",
    });
  const { keysDir } = request;
  if (keysDir === undefined)
    throw new EngineryError("usage", "A new repository needs a folder for its keys.", { hint: "Give --keys-dir DIR." });
  requireOutside(repository, keysDir);
  const people = Array.from({ length: count }, (_, place) => (count === 1 ? "root" : `root-${place + 1}`));
  const keys = await makeKeys(world, [...people, "snapshot", "timestamp"], request);
  const bytes = signedByAll(author, keys, rootBytes(author, keys, threshold, request, world.clock.now()));
  const names = new Map(keys.map(({ name, key }) => [key.public.keyid, name] as const));
  if (!request.dryRun) {
    keepNewKeys(world, keysDir, keys);
    repository.write(repositoryLayout.root(1), bytes);
    addKeyNames(repository, names);
  }
  return { bytes, keys: keySummaries(author.readRoot(bytes), names, keyFileFacts(keysDir, keys)) };
}

function rootBytes(
  author: MetadataAuthor,
  keys: readonly NamedKey[],
  threshold: number,
  { expires }: InitRequest,
  now: number,
): Uint8Array {
  const idsOf = (wanted: (name: string) => boolean): readonly string[] =>
    keys.filter(({ name }) => wanted(name)).map(({ key }) => key.public.keyid);
  const people = { keyids: idsOf((name) => name.startsWith("root")), threshold };
  return author.root({
    version: 1,
    expires: expiryInstant(expires ?? "365d", now),
    keys: keys.map(({ key }) => key.public),
    roles: {
      root: people,
      targets: people,
      snapshot: { keyids: idsOf((name) => name === "snapshot"), threshold: 1 },
      timestamp: { keyids: idsOf((name) => name === "timestamp"), threshold: 1 },
    },
  });
}

function signedByAll(author: MetadataAuthor, keys: readonly NamedKey[], root: Uint8Array): Uint8Array {
  const payload = author.payload("root", root);
  return keys
    .filter(({ name }) => name.startsWith("root"))
    .reduce((signed, { key }) => author.withSignature("root", signed, key.public.keyid, key.sign(payload)), root);
}
