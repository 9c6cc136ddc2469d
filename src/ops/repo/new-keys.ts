import { EngineryError } from "../../core/errors.ts";
import type { NewKey } from "../../ports/keys.ts";
import { keyFileIn, makeKeyFolder, writeKeyFiles } from "../../store/key-folder.ts";
import type { Repository } from "../../store/repository.ts";
import type { PassphraseSource } from "../publisher.ts";
import type { PublisherWorld } from "./world.ts";

export interface NamedKey {
  readonly name: string;
  readonly key: NewKey;
  readonly encrypted: boolean;
}

/** In memory only; the passphrase is asked for once. */
export async function makeKeys(
  world: PublisherWorld,
  names: readonly string[],
  { passphrase, dryRun }: { readonly passphrase?: PassphraseSource | undefined; readonly dryRun: boolean },
): Promise<readonly NamedKey[]> {
  const format = await world.keyFormat();
  const secret = dryRun ? undefined : await passphrase?.("the new keys");
  if (secret === "")
    throw new EngineryError("usage", "The passphrase is empty.", { hint: "Give one, or none at all." });
  return names.map((name) => ({ name, key: format.create(secret), encrypted: secret !== undefined }));
}

/** Durable when it returns. Errors: `refused` for a file that is there. */
export function keepNewKeys(world: PublisherWorld, keysDir: string, keys: readonly NamedKey[]): void {
  makeKeyFolder(world, keysDir);
  for (const { name, key } of keys)
    writeKeyFiles(world.fileSystem, keyFileIn(keysDir, name), key.privatePem, key.publicFile(name));
}

/** A repository is copied to servers as it is. Errors: `refused`. */
export function requireOutside({ directory }: Repository, keysDir: string): void {
  const plain = (path: string): string => `${path.replaceAll("\\", "/").replace(/\/+$/, "")}/`;
  if (!plain(keysDir).startsWith(plain(directory))) return;
  throw new EngineryError("refused", "Keys must not lie in the repository, which everybody reads.", {
    hint: "Give --keys-dir a folder elsewhere.",
    context: { keysDir, directory },
  });
}
