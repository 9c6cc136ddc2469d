import type { Generation, Installation } from "../core/model/home.ts";
import type { Manifest } from "../core/model/manifest.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import { releaseName } from "../core/release-name.ts";
import { type Home, openHome } from "../store/home.ts";
import type { NamesRequest } from "./operator.ts";
import { acceptedManifest } from "./snapshot.ts";
import type { World } from "./world.ts";

/** Where there are more nobody is helped by a list, and a list of some of them would mislead: none is answered. */
const MOST_PINS = 2_000;
/** A larger manifest takes longer to check and parse than somebody at a prompt waits. */
const MOST_MANIFEST_BYTES = 4 * 1024 * 1024;

/**
 * What a word may name, for completions: each once. Reads the newest generation and what the kind needs beside it (the manifest, pins); writes
 * nothing, downloads nothing, claims nothing. Errors: `no-home`, `not-a-home`, `home-newer`, `generation-unreadable`, `home-damaged`.
 */
export async function names(world: World, request: NamesRequest): Promise<readonly string[]> {
  const home = openHome(request.home, world);
  return [...new Set(await namesIn(home, request))];
}

async function namesIn(home: Home, request: NamesRequest): Promise<readonly string[]> {
  const { kind, engine, version, tenant } = request;
  switch (kind) {
    case "generation":
      return generationsBefore(home);
    case "tenant":
      return tenantsOf(home);
    case "lease":
      return home.leases.all().map(({ id }) => id);
    case "quarantined":
      return home.quarantine.list().map(({ tree }) => tree);
    case "channel":
      return (await import("./channel-names.ts")).channelNames(home);
  }
  const newest = home.generations.newest();
  if (newest === undefined) return [];
  const { installations } = newest;
  switch (kind) {
    case "engine":
      return enginesOf(installations);
    case "offered-engine":
      return [...enginesOf(installations), ...Object.keys(offeredBy(home, newest)?.engines ?? {})];
    case "pinned-engine":
      return enginesOf(installations).filter(
        (each) => tenant === undefined || home.pins.get(tenant, each) !== undefined,
      );
    case "release":
      return installations.map(releaseName);
    case "offered-release":
      return [...installations.map(releaseName), ...releasesOf(offeredBy(home, newest))];
    case "entry":
      return installations
        .filter((each) => engine === undefined || each.engine === engine)
        .filter((each) => version === undefined || each.version === version)
        .flatMap(({ entries }) => Object.keys(entries));
  }
}

/** All but the newest, which there is no way back to; the youngest first. */
function generationsBefore(home: Home): readonly string[] {
  return home.generations.numbers().slice(0, -1).toReversed().map(String);
}

function tenantsOf(home: Home): readonly string[] {
  const tenants: string[] = [];
  for (const { tenant } of home.pins.all()) {
    if (tenants.length === MOST_PINS) return [];
    tenants.push(tenant);
  }
  return tenants;
}

function enginesOf(installations: readonly Installation[]): readonly string[] {
  return installations.map(({ engine }) => engine);
}

function offeredBy(home: Home, newest: Generation): Manifest | undefined {
  const bytes = acceptedManifest(home, newest);
  return bytes.length > MOST_MANIFEST_BYTES ? undefined : parseManifest(bytes);
}

function releasesOf(manifest: Manifest | undefined): readonly string[] {
  return Object.entries(manifest?.engines ?? {}).flatMap(([engine, { releases }]) =>
    Object.entries(releases)
      .filter(([, { withdrawn }]) => withdrawn === undefined)
      .map(([version]) => releaseName({ engine, version })),
  );
}
