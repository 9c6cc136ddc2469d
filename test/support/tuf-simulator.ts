import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { EngineryError } from "../../src/core/errors.ts";
import type { Fetcher } from "../../src/ports/fetcher.ts";

/**
 * A TUF repository in memory that signs on demand, with a clock that is a variable and knobs to forge with. Written from the
 * specification alone, without the libraries that it tests.
 */
export class TufSimulator {
  /** Milliseconds since 1970: what expiries are counted from. */
  now = Date.UTC(2030, 0, 1);
  /** Of metadata that is signed from now on. */
  readonly days: Record<Role, number> = { root: 365, timestamp: 30, snapshot: 60, targets: 365 };
  readonly keys: Record<Role, SimulatedKey[]>;
  readonly thresholds: Record<Role, number>;
  readonly versions: Record<Role, number> = { root: 0, timestamp: 0, snapshot: 0, targets: 0 };
  /** What is served, by path below the base. */
  readonly files = new Map<string, Uint8Array>();
  /** What was asked for, in order. */
  readonly requests: string[] = [];
  readonly base: string;
  readonly channel: string;
  readonly #signedFiles = new Map<string, { length: number; hashes: { sha256: string } }>();
  #rootSigners: readonly SimulatedKey[] = [];

  constructor(options: SimulatorOptions = {}) {
    const {
      channel = "main",
      base = "https://repository.test",
      manifest = encode(`{"channel":"${channel}"}`),
    } = options;
    this.base = base;
    this.channel = channel;
    const { rootKeys = 1, rootThreshold = 1 } = options;
    this.keys = { root: newKeys(rootKeys), timestamp: newKeys(1), snapshot: newKeys(1), targets: newKeys(1) };
    this.thresholds = { root: rootThreshold, timestamp: 1, snapshot: 1, targets: 1 };
    this.publishRoot();
    this.setManifest(manifest);
    this.publish();
  }

  /** A new version of the root with `keys` and `thresholds` as they are now, signed by the old root keys and the new ones. */
  publishRoot(forge: Forge = {}): Uint8Array {
    const signers = forge.signers ?? [...new Set([...this.#rootSigners, ...this.keys.root])];
    const version = ++this.versions.root;
    const all = Object.values(this.keys).flat();
    const signed = {
      ...this.#head("root"),
      consistent_snapshot: true,
      keys: Object.fromEntries(all.map(({ keyid, json }) => [keyid, json])),
      roles: Object.fromEntries(ROLES.map((role) => [role, this.#roleOf(role)])),
    };
    const bytes = seal(signed, { ...forge, signers });
    this.#rootSigners = [...this.keys.root];
    this.files.set(`metadata/${version}.root.json`, bytes);
    return bytes;
  }

  /** Targets, snapshot and timestamp, each a version on, each naming the one before by its exact bytes, forged or not. */
  publish(forges: { readonly [R in Exclude<Role, "root">]?: Forge } = {}): void {
    const targets = this.#seal("targets", { targets: Object.fromEntries(this.#signedFiles) }, forges.targets);
    this.files.set(`metadata/${this.versions.targets}.targets.json`, targets);
    this.publishSnapshot(forges);
  }

  /** Snapshot and timestamp alone. */
  publishSnapshot(forges: Parameters<TufSimulator["publish"]>[0] = {}): void {
    const targets = this.metadata(`${this.versions.targets}.targets.json`);
    const meta = { "targets.json": this.#meta(this.versions.targets, targets) };
    const snapshot = this.#seal("snapshot", { meta }, forges.snapshot);
    this.files.set(`metadata/${this.versions.snapshot}.snapshot.json`, snapshot);
    this.publishTimestamp(forges.timestamp);
  }

  publishTimestamp(forge: Forge = {}): void {
    const snapshot = this.metadata(`${this.versions.snapshot}.snapshot.json`);
    const meta = { "snapshot.json": this.#meta(this.versions.snapshot, snapshot) };
    this.files.set("metadata/timestamp.json", this.#seal("timestamp", { meta }, forge));
  }

  /** Of the next `publish`. Served under its hash both as what TUF signs and as one of all manifests. */
  setManifest(manifest: Uint8Array, channel = this.channel): string {
    const hash = sha256(manifest);
    this.#signedFiles.set(`channels/${channel}.json`, { length: manifest.length, hashes: { sha256: hash } });
    this.files.set(`targets/channels/${hash}.${channel}.json`, manifest);
    this.files.set(`manifests/${hash}.json`, manifest);
    return hash;
  }

  metadata(name: string): Uint8Array {
    const bytes = this.files.get(`metadata/${name}`);
    if (bytes === undefined) throw new Error(`the simulator has no ${name}`);
    return bytes;
  }

  advance(days: number): void {
    this.now += days * DAY_MS;
  }

  /** Reads `files` whenever it is asked. `before` may throw, or change what is served. */
  fetcher(before: (path: string, count: number) => void = () => {}): Fetcher {
    let count = 0;
    return {
      open: async (location, options) => {
        if (!location.startsWith(`${this.base}/`)) throw new EngineryError("network", `${location} is out of reach.`);
        const path = location.slice(this.base.length + 1);
        this.requests.push(path);
        before(path, ++count);
        const bytes = this.files.get(path);
        if (bytes === undefined) throw new EngineryError("missing", `${path} is not there.`);
        return { start: 0, chunks: chunksOf(bytes, options?.maxBytes) };
      },
    };
  }

  /** Over loopback HTTP until disposed of. */
  async serve(): Promise<AsyncDisposable & { readonly base: string }> {
    const server = createServer((request, response) => {
      const path = decodeURIComponent((request.url ?? "").slice(1));
      this.requests.push(path);
      const bytes = this.files.get(path);
      response.writeHead(bytes === undefined ? 404 : 200, { "content-length": bytes?.length ?? 0 }).end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    const close = () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    };
    return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close };
  }

  #seal(role: Exclude<Role, "root">, body: Json, forge: Forge = {}): Uint8Array {
    this.versions[role] += 1;
    return seal({ ...this.#head(role), ...body }, { ...forge, signers: forge.signers ?? this.keys[role] });
  }

  #head(role: Role): Json {
    const expires = `${new Date(this.now + this.days[role] * DAY_MS).toISOString().slice(0, 19)}Z`;
    return { _type: role, spec_version: "1.0.31", version: this.versions[role], expires };
  }

  #roleOf(role: Role): Json {
    return { keyids: this.keys[role].map(({ keyid }) => keyid), threshold: this.thresholds[role] };
  }

  #meta(version: number, bytes: Uint8Array): Json {
    return { version, length: bytes.length, hashes: { sha256: sha256(bytes) } };
  }
}

export const ROLES = ["root", "timestamp", "snapshot", "targets"] as const;
export type Role = (typeof ROLES)[number];
export const DAY_MS = 86_400_000;

export interface SimulatorOptions {
  readonly channel?: string;
  readonly base?: string;
  readonly manifest?: Uint8Array;
  readonly rootKeys?: number;
  readonly rootThreshold?: number;
}

/** Ways to make a metadata file that should not be, each before what follows it: form, signatures, envelope, text. */
export interface Forge {
  readonly edit?: (signed: Json) => void;
  readonly signers?: readonly SimulatedKey[];
  readonly envelope?: (document: { signed: Json; signatures: Json[] }) => void;
  readonly text?: (text: string) => string;
}

// biome-ignore lint/suspicious/noExplicitAny: forging means writing what no type allows
export type Json = Record<string, any>;

export interface SimulatedKey {
  readonly keyid: string;
  readonly json: Json;
  readonly privateKey: KeyObject;
}

export function newKeys(count: number): SimulatedKey[] {
  return Array.from({ length: count }, () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const point = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
    const json = { keytype: "ed25519", scheme: "ed25519", keyval: { public: point } };
    return { keyid: keyIdOf(json), json, privateKey };
  });
}

export function seal(signed: Json, forge: Forge & { readonly signers: readonly SimulatedKey[] }): Uint8Array {
  forge.edit?.(signed);
  const payload = encode(canonical(signed));
  const signatures: Json[] = forge.signers.map(({ keyid, privateKey }) => ({
    keyid,
    sig: sign(null, payload, privateKey).toString("hex"),
  }));
  const document = { signed, signatures };
  forge.envelope?.(document);
  const text = JSON.stringify(document);
  return encode(forge.text?.(text) ?? text);
}

/** What a key's id must be: sha256 of its canonical JSON. */
export function keyIdOf(key: Json): string {
  return sha256(encode(canonical(key)));
}

/** Enough of canonical JSON for texts without quotes and control characters. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

/** As the port promises: no more than `maxBytes` without an error. */
async function* chunksOf(bytes: Uint8Array, maxBytes = Number.POSITIVE_INFINITY): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) {
    if (at + 1000 > maxBytes && bytes.length > maxBytes) throw new EngineryError("length-mismatch", "Too many bytes.");
    yield bytes.subarray(at, at + 1000);
  }
}

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
