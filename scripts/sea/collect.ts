import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { composeWorld } from "../../src/compose.ts";
import { parseEngineArgument } from "../../src/core/engine-argument.ts";
import { below } from "../../src/core/location.ts";
import type { Manifest, PlatformRelease, Sha256 } from "../../src/core/model/manifest.ts";
import { parseManifest } from "../../src/core/parse-manifest.ts";
import { platformRelease } from "../../src/core/platform.ts";
import { metadataPath, servedManifestPath } from "../../src/core/repository-paths.ts";
import type { Fetcher } from "../../src/ports/fetcher.ts";
import type { TrustSet } from "../../src/ports/trust.ts";
import { channelOfSignedName, repositoryLayout, rootVersionOf } from "../../src/store/repository-layout.ts";

export interface Collected {
  readonly channel: string;
  /** Path among the files. */
  readonly root: string;
  readonly releases: readonly { readonly engine: string; readonly version: string }[];
  /** From a path below the repository's base to a file of this machine. */
  readonly files: ReadonlyMap<string, string>;
  readonly expired: readonly string[];
}

/**
 * What a client asks of the repository in `directory` for `names` on `platform`, each file held against what was signed: metadata, the channel's
 * manifests, file lists, pieces, archives. What the folder has not and npm carries is fetched into `work`. `rootSha256`: of any version of the
 * root; without it the folder is taken at its word.
 */
export async function collectRepository(
  directory: string,
  names: readonly string[],
  platform: string,
  work: string,
  rootSha256?: Sha256,
): Promise<Collected> {
  const base = resolve(directory);
  const metadata = join(base, repositoryLayout.metadataFolder);
  const roots = existsSync(metadata) ? readdirSync(metadata).flatMap((name) => rootVersionOf(name) ?? []) : [];
  if (roots.length === 0) throw new Error(`${directory} is no repository: there is no trusted root in ${metadata}.`);
  const world = composeWorld();
  const fetcher = await world.fetcher({ offline: false, allowHttp: false });
  const keeper = await world.trust(fetcher);
  const own = { bytes: readFileSync(join(base, repositoryLayout.root(Math.max(...roots)))) };
  const known = await keeper.begin({ bases: [base], root: rootSha256 === undefined ? own : { sha256: rootSha256 } });
  const channel = channelIn(base);
  const now = world.clock.now();
  const trusted = await keeper.refresh({ known, bases: [base], channel, now, allowExpired: true });
  const newest = keeper.rootOf(trusted.set);
  const manifest = parseManifest(trusted.manifest);
  const files = new Map<string, string>();
  // what was believed may be another file by now
  const take = async (path: string, sha256: Sha256) => {
    if ((await hashOf(join(base, path))) !== sha256) throw new Error(`${path} is not what was signed.`);
    files.set(path, join(base, path));
  };
  const takeRole = async (role: string, path: string) => take(path, digestOf(trusted.set, role));
  const root = repositoryLayout.root(newest.version);
  await takeRole("root", root);
  // a client that comes with an older one walks them, and believes none that is not signed by the one before
  for (const version of roots.filter((each) => each < newest.version)) {
    files.set(repositoryLayout.root(version), join(base, repositoryLayout.root(version)));
  }
  await takeRole("timestamp", repositoryLayout.timestamp);
  for (const role of ["snapshot", "targets"])
    await takeRole(role, metadataPath(`${versionOf(trusted.set, role)}.${role}.json`));
  await take(servedManifestPath(channel, trusted.manifestSha256), trusted.manifestSha256);
  // a client that was away asks for every manifest between
  for (let sha256: Sha256 | null = trusted.manifestSha256; sha256 !== null; ) {
    const path = repositoryLayout.manifest(sha256);
    await take(path, sha256);
    const { previous }: Manifest = parseManifest(readFileSync(join(base, path)));
    sha256 = previous;
  }
  const releases = names.map((name) => wanted(manifest, name, platform));
  for (const { release } of releases) {
    await take(repositoryLayout.tree(release.tree.sha256), release.tree.sha256);
    await take(repositoryLayout.pieces(release.pieces.sha256), release.pieces.sha256);
    const path = repositoryLayout.archive(release.archive);
    files.set(path, await archiveOf(fetcher, base, path, release, work));
  }
  return {
    channel,
    root,
    releases: releases.map(({ engine, version }) => ({ engine, version })),
    files: new Map([...files].sort(([one], [other]) => (one < other ? -1 : 1))),
    expired: trusted.expired,
  };
}

/** The one that its metadata signs. */
function channelIn(base: string): string {
  const folder = join(base, repositoryLayout.metadataFolder);
  const timestamp = signedIn(join(base, repositoryLayout.timestamp));
  const snapshot = signedIn(join(folder, `${timestamp.meta?.["snapshot.json"]?.version}.snapshot.json`));
  const targets = signedIn(join(folder, `${snapshot.meta?.["targets.json"]?.version}.targets.json`));
  const channels = Object.keys(targets.targets ?? {}).flatMap((path) => channelOfSignedName(path) ?? []);
  if (channels.length === 1 && channels[0] !== undefined) return channels[0];
  throw new Error(`${base} signs ${channels.length} channels (${channels.join(", ")}), and one is carried.`);
}

interface Signed {
  readonly signed: {
    readonly version: number;
    readonly meta?: Readonly<Record<string, { readonly version: number }>>;
    readonly targets?: Readonly<Record<string, unknown>>;
  };
}

function versionOf(set: TrustSet, role: string): number {
  return (JSON.parse(Buffer.from(bytesOf(set, role)).toString()) as Signed).signed.version;
}

function digestOf(set: TrustSet, role: string): Sha256 {
  return createHash("sha256").update(bytesOf(set, role)).digest("hex");
}

function bytesOf(set: TrustSet, role: string): Uint8Array {
  const bytes = set.get(`${role}.json`);
  if (bytes === undefined) throw new Error(`There is no ${role}.json.`);
  return bytes;
}

function wanted(manifest: Manifest, name: string, platform: string) {
  const { engine, version } = parseEngineArgument(name);
  if (version === undefined) throw new Error(`${name}: --embed takes ENGINE@VERSION.`);
  const release = manifest.engines[engine]?.releases[version];
  const build = release && platformRelease(release, platform);
  if (build === undefined) throw new Error(`The channel ${manifest.channel} has no ${name} for ${platform}.`);
  return { engine, version, release: build };
}

async function archiveOf(
  fetcher: Fetcher,
  base: string,
  path: string,
  { archive }: PlatformRelease,
  work: string,
): Promise<string> {
  const here = join(base, path);
  const file = (await hashOf(here)) === archive.sha256 ? here : join(work, basename(path));
  if (file === here || (await hashOf(file)) === archive.sha256) return file;
  const { chunks } = await fetcher.open(archive.source ?? below(base, path), { maxBytes: archive.bytes });
  mkdirSync(dirname(file), { recursive: true });
  await pipeline(chunks, createWriteStream(file));
  if ((await hashOf(file)) !== archive.sha256) throw new Error(`${archive.source ?? path} is not what was signed.`);
  return file;
}

async function hashOf(file: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Not believed yet: what is signed is held against it later. */
function signedIn(file: string): Partial<Signed["signed"]> {
  const text = readFileSync(file, "utf8");
  try {
    const signed = (JSON.parse(text) as Partial<Signed> | null)?.signed;
    if (typeof signed === "object" && signed !== null) return signed;
  } catch {
    // told below
  }
  throw new Error(`${file} is no signed document.`);
}
