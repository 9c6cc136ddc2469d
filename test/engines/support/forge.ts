import { createHash, createPrivateKey, sign } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../../../src/core/model/manifest.ts";

interface Signed {
  signed: { version: number; [member: string]: unknown };
  signatures: { keyid: string; sig: string }[];
}

export function readMetadata(repository: string, name: string): Signed {
  return JSON.parse(readFileSync(join(repository, "metadata", name), "utf8")) as Signed;
}

export function writeMetadata(repository: string, name: string, document: Signed): void {
  writeFileSync(join(repository, "metadata", name), JSON.stringify(document));
}

/** The document with `change` made to it and signed again with every key in `files` that signed it before. */
export function resigned(
  document: Signed,
  files: readonly string[],
  change: (signed: Signed["signed"]) => void,
): Signed {
  const signed = structuredClone(document.signed);
  change(signed);
  const bytes = Buffer.from(canonical(signed));
  const before = Buffer.from(canonical(document.signed));
  const signatures = document.signatures.map(({ keyid, sig }) => {
    const key = files
      .map((file) => createPrivateKey(readFileSync(file)))
      .find((candidate) => sign(null, before, candidate).toString("hex") === sig);
    if (key === undefined) throw new Error(`No key of the folder made the signature of ${keyid}.`);
    return { keyid, sig: sign(null, bytes, key).toString("hex") };
  });
  return { signed, signatures };
}

/** The private key files of a folder. */
export function keyFiles(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((file) => readFileSync(file, "utf8").includes("PRIVATE KEY"))
    .sort();
}

/** Flips one bit in the middle of the only file of `folder` whose name matches. */
export function flipBit(folder: string, name: RegExp): void {
  const matches = readdirSync(folder).filter((file) => name.test(file));
  const [file] = matches;
  if (file === undefined || matches.length !== 1)
    throw new Error(`${matches.length} files in ${folder} match ${name}.`);
  const bytes = readFileSync(join(folder, file));
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x04;
  writeFileSync(join(folder, file), bytes);
}

/** Canonical JSON as TUF signs it; for members without control characters. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

/**
 * Publishes `change` of the channel's manifest behind the publisher's back, with the publisher's own keys: what a client must
 * refuse even where every signature is right.
 */
export function republish(
  repository: string,
  keys: readonly string[],
  channel: string,
  change: (manifest: Manifest) => Manifest,
): void {
  const name = `channels/${channel}.json`;
  const before = readFileSync(join(repository, "targets", name));
  const manifest = Buffer.from(canonical(change(JSON.parse(before.toString("utf8")) as Manifest)));
  const digest = sha256(manifest);
  writeFileSync(join(repository, "targets", name), manifest);
  writeFileSync(join(repository, "targets", "channels", `${digest}.${channel}.json`), manifest);
  writeFileSync(join(repository, "manifests", `${digest}.json`), manifest);
  const timestamp = readMetadata(repository, "timestamp.json");
  const { version } = pointed(timestamp.signed, "snapshot.json");
  const snapshot = readMetadata(repository, `${version}.snapshot.json`);
  const targets = readMetadata(repository, `${pointed(snapshot.signed, "targets.json").version}.targets.json`);
  const newTargets = resigned(targets, keys, (signed) => {
    signed.version += 1;
    signed["targets"] = { [name]: { length: manifest.length, hashes: { sha256: digest } } };
  });
  const newSnapshot = resigned(snapshot, keys, (signed) => {
    signed.version += 1;
    signed["meta"] = { "targets.json": pointerTo(newTargets) };
  });
  writeMetadata(repository, `${newTargets.signed.version}.targets.json`, newTargets);
  writeMetadata(repository, `${newSnapshot.signed.version}.snapshot.json`, newSnapshot);
  writeMetadata(
    repository,
    "timestamp.json",
    resigned(timestamp, keys, (signed) => {
      signed.version += 1;
      signed["meta"] = { "snapshot.json": pointerTo(newSnapshot) };
    }),
  );
}

function pointed(signed: Signed["signed"], name: string): { version: number } {
  const meta = signed["meta"] as Record<string, { version: number }>;
  return meta[name] ?? { version: 0 };
}

function pointerTo(document: Signed): Record<string, unknown> {
  const bytes = Buffer.from(JSON.stringify(document));
  return { version: document.signed.version, length: bytes.length, hashes: { sha256: sha256(bytes) } };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
