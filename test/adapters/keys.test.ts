import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { test } from "node:test";
import { ed25519KeyFormat as format } from "../../src/adapters/keys/ed25519.ts";
import { metadataAuthor } from "../../src/adapters/tuf/authoring.ts";

const BYTES = Buffer.from("what is signed");

test("a key goes to its file and back, encrypted or not, and signs the same", () => {
  for (const passphrase of [undefined, "correct horse", "ünïcode"]) {
    const made = format.create(passphrase);
    assert.equal(format.isEncrypted(made.privatePem), passphrase !== undefined);
    const read = format.readPrivate(made.privatePem, passphrase);
    assert.deepEqual(read.public, made.public);
    assert.equal(read.sign(BYTES), made.sign(BYTES), "ed25519 signs the same bytes the same way");
    assert.ok(format.verify(made.public, BYTES, read.sign(BYTES)));
    assert.equal(format.verify(made.public, Buffer.from("other"), read.sign(BYTES)), false);
    assert.deepEqual(format.readPublic(made.publicFile("root-1")), made.public);
  }
});

test("key files are what openssl calls PKCS#8, so other programs sign with them", () => {
  const made = format.create("correct horse");
  const key = createPrivateKey({ key: Buffer.from(made.privatePem), passphrase: "correct horse" });
  const pem = createPublicKey(key).export({ type: "spki", format: "pem" });
  assert.deepEqual(format.readPublic(Buffer.from(pem)), made.public);
  assert.ok(verify(null, BYTES, createPublicKey(key), Buffer.from(made.sign(BYTES), "hex")));
});

test("what is no ed25519 key is refused, and no message holds anything of a key", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsaPrivate = Buffer.from(rsa.privateKey.export({ type: "pkcs8", format: "pem" }));
  const rsaPublic = Buffer.from(rsa.publicKey.export({ type: "spki", format: "pem" }));
  const locked = format.create("one").privatePem;
  const open = format.create(undefined);
  const renamed = Buffer.from(Buffer.from(open.publicFile("x")).toString().replace(open.public.keyid, "0".repeat(64)));
  const refused = [
    () => format.readPrivate(rsaPrivate, undefined),
    () => format.readPrivate(Buffer.from("nothing"), undefined),
    () => format.readPrivate(locked, undefined),
    () => format.readPrivate(locked, "other"),
    () => format.readPublic(rsaPublic),
    () => format.readPublic(open.privatePem),
    () => format.readPublic(Buffer.from("{")),
    () => format.readPublic(Buffer.from("{}")),
    () => format.readPublic(renamed),
  ];
  const secret = Buffer.from(open.privatePem).toString().split("\n")[1] ?? "?";
  for (const act of refused) {
    assert.throws(
      act,
      (error: Error & { code?: string }) => error.code === "key-unreadable" && !error.message.includes(secret),
      String(act),
    );
  }
});

test("a signature counts once, for the role's keys alone, and the same signatures give the same bytes in any order", () => {
  const [one, two, other] = [format.create(undefined), format.create(undefined), format.create(undefined)];
  const people = { keyids: [one.public.keyid, two.public.keyid], threshold: 2 };
  const machine = { keyids: [other.public.keyid], threshold: 1 };
  const root = metadataAuthor.root({
    version: 1,
    expires: "2030-01-01T00:00:00Z",
    keys: [one.public, two.public, other.public],
    roles: { root: people, targets: people, snapshot: machine, timestamp: machine },
  });
  const targets = metadataAuthor.targets({ version: 3, expires: "2030-01-01T00:00:00Z", files: [] });
  const payload = metadataAuthor.payload("targets", targets);
  const signedBy = (...keys: readonly (typeof one)[]): Uint8Array =>
    keys.reduce(
      (bytes, key) => metadataAuthor.withSignature("targets", bytes, key.public.keyid, key.sign(payload)),
      targets,
    );
  assert.deepEqual(signedBy(one, two), signedBy(two, one, two));
  assert.deepEqual([...metadataAuthor.signers("targets", signedBy(one, two), root)].sort(), [...people.keyids].sort());
  assert.deepEqual(metadataAuthor.signers("targets", signedBy(other), root), []);
  const forged = metadataAuthor.withSignature("targets", targets, one.public.keyid, two.sign(payload));
  assert.deepEqual(metadataAuthor.signers("targets", forged, root), []);
  assert.throws(() => metadataAuthor.readRoot(targets), { code: "trust-format" });
  assert.throws(() => metadataAuthor.readTargets(Buffer.from("{")), { code: "trust-format" });
});
