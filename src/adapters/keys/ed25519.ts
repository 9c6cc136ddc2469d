import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { EngineryError } from "../../core/errors.ts";
import type { KeyFormat, NewKey, PublicKey, SigningKey } from "../../ports/keys.ts";
import { encryptPkcs8 } from "./encrypted-pkcs8.ts";

const ENCRYPTED_LABEL = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
/** DER of an ed25519 SubjectPublicKeyInfo up to the 32 bytes of the point (RFC 8410). */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

/** Key files through OpenSSL, as Node carries it. */
export const ed25519KeyFormat: KeyFormat = {
  create,
  isEncrypted,
  readPrivate,
  readPublic,
  verify: verifies,
};

function create(passphrase: string | undefined): NewKey {
  const pair = generateKeyPairSync("ed25519");
  const der = pair.privateKey.export({ type: "pkcs8", format: "der" });
  const [label, body] =
    passphrase === undefined ? ["PRIVATE KEY", der] : ["ENCRYPTED PRIVATE KEY", encryptPkcs8(der, passphrase)];
  const own = publicOf(pair.publicKey);
  return {
    public: own,
    privatePem: Buffer.from(pem(label, body)),
    publicFile: (name) => publicFile(own, name),
    sign: (bytes) => sign(null, bytes, pair.privateKey).toString("hex"),
  };
}

function isEncrypted(privatePem: Uint8Array): boolean {
  return Buffer.from(privatePem).toString("latin1").includes(ENCRYPTED_LABEL);
}

function readPrivate(privatePem: Uint8Array, passphrase: string | undefined): SigningKey {
  const encrypted = isEncrypted(privatePem);
  if (encrypted && passphrase === undefined)
    throw new EngineryError("key-unreadable", "The key file is encrypted and no passphrase was given.", {
      hint: "Give the passphrase in ENGINERY_PASSPHRASE, or run on a terminal.",
    });
  const key = privateKey(privatePem, passphrase, encrypted);
  return {
    public: publicOf(createPublicKey(key)),
    sign: (bytes) => sign(null, bytes, key).toString("hex"),
  };
}

function privateKey(privatePem: Uint8Array, passphrase: string | undefined, encrypted: boolean): KeyObject {
  try {
    const key = createPrivateKey({ key: Buffer.from(privatePem), format: "pem", ...(encrypted && { passphrase }) });
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // OpenSSL's own words ("bad decrypt", "unsupported") help nobody, and never may they carry key material into a message.
    if (encrypted) throw new EngineryError("key-unreadable", "The passphrase does not open the key file.");
  }
  throw new EngineryError("key-unreadable", "The key file is not an ed25519 private key in PKCS#8 PEM.");
}

function readPublic(bytes: Uint8Array): PublicKey {
  const text = Buffer.from(bytes).toString("utf8");
  if (text.includes("PRIVATE KEY")) throw notPublic("it is a private key");
  return text.trimStart().startsWith("{") ? readPublicJson(text) : readPublicPem(text);
}

function readPublicPem(text: string): PublicKey {
  try {
    const key = createPublicKey(text);
    if (key.asymmetricKeyType === "ed25519") return publicOf(key);
  } catch {
    // Said below.
  }
  throw notPublic("it is not an ed25519 public key in PEM");
}

function readPublicJson(text: string): PublicKey {
  const document = parse(text);
  const point = field(field(document, "keyval"), "public");
  if (field(document, "scheme") !== "ed25519" || typeof point !== "string" || !/^[0-9a-f]{64}$/.test(point))
    throw notPublic("it does not hold an ed25519 key");
  const key = named(point);
  if (field(document, "keyid") !== key.keyid) throw notPublic("its keyid is not that of its key");
  return key;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notPublic("it is not JSON");
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function notPublic(why: string): EngineryError {
  return new EngineryError("key-unreadable", `The file cannot be used as a public key: ${why}.`, {
    hint: "Give a .pub file of `enginery repo`, or an ed25519 public key in PEM.",
  });
}

function publicFile(key: PublicKey, name: string): Uint8Array {
  const document = { name, keyid: key.keyid, keytype: "ed25519", scheme: "ed25519", keyval: { public: key.ed25519 } };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`);
}

function verifies(key: PublicKey, bytes: Uint8Array, signature: string): boolean {
  if (!/^[0-9a-f]{128}$/.test(signature)) return false;
  const der = Buffer.concat([SPKI_HEAD, Buffer.from(key.ed25519, "hex")]);
  return verify(null, bytes, createPublicKey({ key: der, format: "der", type: "spki" }), Buffer.from(signature, "hex"));
}

function publicOf(key: KeyObject): PublicKey {
  return named(key.export({ format: "der", type: "spki" }).subarray(SPKI_HEAD.length).toString("hex"));
}

/** TUF, "keyid": sha256 of the canonical JSON of the key object. Written out: members in order, nothing to escape. */
function named(point: string): PublicKey {
  const canonical = `{"keytype":"ed25519","keyval":{"public":"${point}"},"scheme":"ed25519"}`;
  return { keyid: createHash("sha256").update(canonical).digest("hex"), ed25519: point };
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
