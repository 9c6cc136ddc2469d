import { EngineryError } from "../../core/errors.ts";
import { expiryInstant } from "../../core/expiry.ts";
import type { MetadataRole, RootBody } from "../../ports/authoring.ts";
import type { PublicKey } from "../../ports/keys.ts";
import { keyNameOf, publicFileOf, readKeyFile } from "../../store/key-folder.ts";
import { repositoryLayout } from "../../store/repository-layout.ts";
import type { RotateRootRequest, RotateRootResult } from "../publisher.ts";
import { addKeyNames, readKeyNames } from "./key-names.ts";
import { keyFileFacts, keySummaries } from "./key-summaries.ts";
import { withRepositoryLock } from "./locking.ts";
import { keepNewKeys, makeKeys, requireOutside } from "./new-keys.ts";
import { readPublished } from "./published.ts";
import { type PublisherWorld, repositoryOf } from "./world.ts";

interface AddedKey {
  readonly name: string;
  readonly key: PublicKey;
}

/**
 * Drafts the next root: keys added and removed, another threshold, or only a later expiry. `sign` makes it visible with the
 * thresholds of both roots. Drafting again begins again from the root that is visible. Errors: `usage`, `key-unreadable`, `missing`, `refused`.
 */
export async function rotateRoot(world: PublisherWorld, request: RotateRootRequest): Promise<RotateRootResult> {
  const repository = repositoryOf(world, request.directory);
  const author = await world.authoring();
  return await withRepositoryLock(world, repository, { verb: "rotate-root", dryRun: request.dryRun }, async () => {
    if (request.keysDir !== undefined) requireOutside(repository, request.keysDir);
    const { root } = readPublished(repository, author, world.digester);
    const names = readKeyNames(repository);
    const role = request.role ?? "root";
    const removed = await resolveKeys(world, root.body, names, request.removeKeys ?? []);
    const made = await makeKeys(world, freshNames(world, request, role, names), request);
    const added: readonly AddedKey[] = [
      ...(await readAdded(world, request.addKeys ?? [])),
      ...made.map(({ name, key }) => ({ name, key: key.public })),
    ];
    const next = nextRoot(root.body, { role, removed, added, threshold: request.threshold });
    const bytes = author.root({ ...next, expires: expiryInstant(request.expires ?? "365d", world.clock.now()) });
    const allNames = new Map([...names, ...added.map(({ name, key }) => [key.keyid, name] as const)]);
    if (!request.dryRun) {
      if (request.keysDir !== undefined && made.length > 0) keepNewKeys(world, request.keysDir, made);
      addKeyNames(repository, allNames);
      repository.write(repositoryLayout.proposed("root"), bytes);
    }
    return {
      root: { version: next.version },
      threshold: next.roles[role].threshold,
      keys: keySummaries(next, allNames, keyFileFacts(request.keysDir ?? "", made)),
      added: added.map(({ key }) => key.keyid),
      removed,
      ...(request.dryRun ? { dryRun: true as const } : {}),
    };
  });
}

interface RootChange {
  readonly role: "root" | "snapshot" | "timestamp";
  readonly removed: readonly string[];
  readonly added: readonly AddedKey[];
  readonly threshold: number | undefined;
}

/** `root` stands for root and targets: they are the same people. */
function nextRoot(root: RootBody, { role, removed, added, threshold }: RootChange): RootBody {
  const roles: readonly MetadataRole[] = role === "root" ? ["root", "targets"] : [role];
  const changed = roles.map((name) => {
    const old = root.roles[name];
    const stay = old.keyids.filter((keyid) => !removed.includes(keyid));
    const keyids = [...new Set([...stay, ...added.map(({ key }) => key.keyid)])];
    return [name, { keyids, threshold: requireThreshold(threshold ?? old.threshold, keyids.length, name) }] as const;
  });
  const next = { ...root.roles, ...Object.fromEntries(changed) };
  const named = new Set(Object.values(next).flatMap(({ keyids }) => keyids));
  const known = new Map([...root.keys, ...added.map(({ key }) => key)].map((key) => [key.keyid, key]));
  return {
    ...root,
    version: root.version + 1,
    keys: [...known.values()].filter(({ keyid }) => named.has(keyid)),
    roles: next,
  };
}

function requireThreshold(threshold: number, keys: number, role: string): number {
  if (Number.isInteger(threshold) && threshold >= 1 && threshold <= keys) return threshold;
  throw new EngineryError("usage", `${threshold} of ${keys} keys cannot be the threshold of ${role}.`, {
    hint: "Add keys, remove fewer, or give another --threshold.",
    context: { role, threshold, keys },
  });
}

/** Key ids of what was named by id, by the id's first digits, by name or by file. */
async function resolveKeys(
  world: PublisherWorld,
  root: RootBody,
  names: ReadonlyMap<string, string>,
  wanted: readonly string[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const word of wanted) {
    const found = root.keys.filter(
      ({ keyid }) => names.get(keyid) === word || (/^[0-9a-f]{8,64}$/.test(word) && keyid.startsWith(word)),
    );
    const [only, ...others] = found.length > 0 ? found : [await fileKey(world, word)];
    if (only === undefined || others.length > 0 || !root.keys.some(({ keyid }) => keyid === only.keyid))
      throw new EngineryError("usage", `${word} does not name one key of the root.`, {
        hint: "Give a key id, its first 8 digits or more, a key's name, or a key file.",
        context: { keys: root.keys.map(({ keyid }) => ({ keyid, name: names.get(keyid) })) },
      });
    ids.push(only.keyid);
  }
  return ids;
}

async function fileKey(world: PublisherWorld, path: string): Promise<PublicKey | undefined> {
  const format = await world.keyFormat();
  const bytes = world.fileSystem.readFile(publicFileOf(path)) ?? world.fileSystem.readFile(path);
  return bytes === undefined ? undefined : format.readPublic(bytes);
}

/** The public half suffices: of a private file, the one beside it. */
async function readAdded(world: PublisherWorld, paths: readonly string[]): Promise<readonly AddedKey[]> {
  const format = await world.keyFormat();
  return paths.map((path) => {
    const beside = path.endsWith(".pem") ? world.fileSystem.readFile(publicFileOf(path)) : undefined;
    return { name: keyNameOf(path), key: format.readPublic(beside ?? readKeyFile(world.fileSystem, path)) };
  });
}

function freshNames(
  world: PublisherWorld,
  { newKeys = 0, keysDir }: RotateRootRequest,
  role: string,
  names: ReadonlyMap<string, string>,
): readonly string[] {
  if (newKeys > 0 && keysDir === undefined)
    throw new EngineryError("usage", "New keys need a folder.", { hint: "Give --keys-dir DIR." });
  const taken = new Set([
    ...names.values(),
    ...(world.fileSystem.list(keysDir ?? "") ?? []).map(({ name }) => keyNameOf(name)),
  ]);
  const fresh: string[] = [];
  for (let number = 1; fresh.length < newKeys; number += 1) {
    if (!taken.has(`${role}-${number}`)) fresh.push(`${role}-${number}`);
  }
  return fresh;
}
