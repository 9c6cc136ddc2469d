import { createCipheriv, randomBytes, scryptSync } from "node:crypto";

/*
 * Node's own export of an encrypted PKCS#8 derives its key with 2048 rounds of PBKDF2, which a guesser runs through in no time.
 * OpenSSL reads scrypt just as well (RFC 7914, section 7), so the envelope is written here: 16 MiB and a fifth of a second a guess.
 */
const SCRYPT = { N: 16_384, r: 8, p: 5 };
const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = {
  pbes2: Buffer.from("06092a864886f70d01050d", "hex"),
  scrypt: Buffer.from("06092b06010401da47040b", "hex"),
  aes256cbc: Buffer.from("060960864801650304012a", "hex"),
};

/** An EncryptedPrivateKeyInfo (RFC 5958) in DER around a PrivateKeyInfo in DER; other bytes every time. */
export function encryptPkcs8(privateKeyInfo: Uint8Array, passphrase: string): Uint8Array {
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", scryptSync(passphrase, salt, 32, SCRYPT), iv);
  const encrypted = Buffer.concat([cipher.update(privateKeyInfo), cipher.final()]);
  const derivation = sequence(
    OBJECT_IDENTIFIER.scrypt,
    sequence(element(OCTET_STRING, salt), integer(SCRYPT.N), integer(SCRYPT.r), integer(SCRYPT.p)),
  );
  const encryption = sequence(OBJECT_IDENTIFIER.aes256cbc, element(OCTET_STRING, iv));
  const algorithm = sequence(OBJECT_IDENTIFIER.pbes2, sequence(derivation, encryption));
  return sequence(algorithm, element(OCTET_STRING, encrypted));
}

function sequence(...elements: readonly Uint8Array[]): Buffer {
  return element(SEQUENCE, Buffer.concat(elements));
}

/** Of small numbers only: two bytes, or one with its highest bit clear. */
function integer(value: number): Buffer {
  return element(INTEGER, value < 0x80 ? Buffer.of(value) : Buffer.of(value >> 8, value & 0xff));
}

function element(tag: number, content: Uint8Array): Buffer {
  const length =
    content.length < 0x80 ? Buffer.of(content.length) : Buffer.of(0x82, content.length >> 8, content.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, content]);
}
