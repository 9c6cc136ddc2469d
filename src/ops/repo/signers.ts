import { EngineryError } from "../../core/errors.ts";
import type { MetadataRole } from "../../ports/authoring.ts";
import type { KeyFormat, PublicKey, SigningKey } from "../../ports/keys.ts";
import { keyNameOf, listKeyFiles, publicFileOf, readKeyFile, requirePrivate } from "../../store/key-folder.ts";
import type { Signing } from "../publisher.ts";
import type { PublisherWorld } from "./world.ts";

const SIGNER_TIMEOUT_MS = 5 * 60_000;
const SIGNER_MAX_OUTPUT = 64 * 1024;

/** Whoever may sign in this run. */
export interface Signers {
  /**
   * The signatures that these keys give on a document's canonical bytes, for the keys that are asked for; each is checked before
   * it is answered. Errors: `refused`, `key-unreadable`.
   */
  sign(
    role: MetadataRole,
    payload: Uint8Array,
    wanted: readonly PublicKey[],
  ): Promise<readonly { readonly keyid: string; readonly signature: string }[]>;
}

/** Opens no file yet: an encrypted key that no role asks for is never decrypted. Errors: `usage`, `missing`. */
export async function openSigners(world: PublisherWorld, directory: string, signing: Signing): Promise<Signers> {
  const format = await world.keyFormat();
  const files = [
    ...(signing.keysDir === undefined ? [] : listKeyFiles(world, signing.keysDir)),
    ...(signing.keys ?? []),
  ];
  const { signer } = signing;
  if (files.length === 0 && signer === undefined)
    throw new EngineryError("usage", "There is no key to sign with.", { hint: "Give --keys-dir, --key or --signer." });
  const keys = files.map((path) => keyFile(world, format, path, signing));
  return {
    async sign(role, payload, wanted) {
      const signatures: { keyid: string; signature: string }[] = [];
      for (const key of keys) {
        const { keyid } = await key.identity();
        if (!wanted.some((one) => one.keyid === keyid) || signatures.some((one) => one.keyid === keyid)) continue;
        signatures.push({ keyid, signature: (await key.open()).sign(payload) });
      }
      const rest = wanted.filter(({ keyid }) => !signatures.some((one) => one.keyid === keyid));
      if (signer !== undefined && rest.length > 0)
        signatures.push(
          ...(await askSigner(world, format, { directory, signing, command: signer, role }, payload, rest)),
        );
      return signatures;
    },
  };
}

interface KeyFile {
  identity(): Promise<PublicKey>;
  open(): Promise<SigningKey>;
}

function keyFile(world: PublisherWorld, format: KeyFormat, path: string, { passphrase }: Signing): KeyFile {
  let opened: SigningKey | undefined;

  async function open(): Promise<SigningKey> {
    if (opened !== undefined) return opened;
    const bytes = readKeyFile(world.fileSystem, path);
    requirePrivate(world, path);
    const secret = format.isEncrypted(bytes) ? await passphrase?.(keyNameOf(path)) : undefined;
    opened = named(path, () => format.readPrivate(bytes, secret));
    return opened;
  }

  async function identity(): Promise<PublicKey> {
    const bytes = world.fileSystem.readFile(publicFileOf(path));
    return bytes === undefined ? (await open()).public : named(publicFileOf(path), () => format.readPublic(bytes));
  }

  return { identity, open };
}

/** The file's name leads the message: a folder holds several. */
function named<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EngineryError)) throw error;
    throw new EngineryError(error.code, `${path}: ${error.message}`, {
      hint: error.hint,
      context: { path },
      cause: error,
    });
  }
}

/** An external signer need not say which key it holds: its signature is held against every key that may sign. */
async function askSigner(
  world: PublisherWorld,
  format: KeyFormat,
  asking: {
    readonly directory: string;
    readonly signing: Signing;
    readonly command: readonly string[];
    readonly role: MetadataRole;
  },
  payload: Uint8Array,
  wanted: readonly PublicKey[],
): Promise<readonly { keyid: string; signature: string }[]> {
  const { directory, signing, role } = asking;
  const [file, ...args] = asking.command;
  if (file === undefined) throw new EngineryError("usage", "The signer's command is empty.");
  const result = await world.children.run(file, args, {
    env: { ...signing.environment, ENGINERY_SIGN_ROLE: role },
    cwd: directory,
    timeoutMs: SIGNER_TIMEOUT_MS,
    maxOutputBytes: SIGNER_MAX_OUTPUT,
    input: payload,
  });
  if (result.outcome !== "exit" || result.status !== 0)
    throw new EngineryError("refused", `The signer ${file} did not sign ${role}.`, { context: { ...result, role } });
  const given = signaturesIn(result.output);
  const matches = wanted.flatMap((key) => {
    const signature = given.find((one) => format.verify(key, payload, one));
    return signature === undefined ? [] : [{ keyid: key.keyid, signature }];
  });
  if (matches.length === 0)
    world.reporter.note(`The signer's answer for ${role} is no signature of a key that may sign it.`);
  return matches;
}

/** Every 64-byte value in hex or base64 that the output holds, as hex. */
function signaturesIn(output: string): readonly string[] {
  const hex = output.match(/(?<![0-9a-zA-Z+/])[0-9a-fA-F]{128}(?![0-9a-zA-Z+/=])/g) ?? [];
  const base64 = output.match(/(?<![0-9a-zA-Z+/])[0-9a-zA-Z+/]{86}==/g) ?? [];
  return [...hex.map((text) => text.toLowerCase()), ...base64.map((text) => hexOf(text))];
}

function hexOf(base64: string): string {
  return Array.from(atob(base64), (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
