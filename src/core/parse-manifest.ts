import * as v from "valibot";
import { takenExactly } from "./exact-shape.ts";
import { guardShape } from "./guard-shape.ts";
import { canonicalJson, ownJson, parseJson } from "./json.ts";
import type { Manifest } from "./model/manifest.ts";
import {
  countShape,
  formatShape,
  mapShape,
  membersShape,
  nameShape,
  pathShape,
  platformShape,
  positiveShape,
  reasonShape,
  sha256Shape,
  shaped,
  text,
  versionShape,
} from "./shapes.ts";
import { treePathProblem } from "./tree-paths.ts";
import { versionProblem } from "./version.ts";

/** More make every client's manifest larger than the archives they save. */
export const MAX_DELTAS = 64;

const referenceEntries = { sha256: sha256Shape, bytes: positiveShape };

const archiveShape = v.object({
  ...referenceEntries,
  format: v.picklist(["tar.zst", "tar.gz"], "tar.zst or tar.gz"),
  root: text(isArchiveRoot, "empty or a safe folder with a slash at its end"),
  source: v.exactOptional(text(isNpmSource, "npm:NAME@VERSION")),
});

const probeShape = v.object({
  args: v.pipe(
    v.array(v.pipe(v.string(), v.check(isArgument, "an argument"))),
    v.maxLength(64, "at most 64 arguments"),
  ),
  expect: v.pipe(v.string(), v.check(isPattern, "a regular expression of at most 1,000 characters")),
  with: v.exactOptional(nameShape),
});

const entryPointShape = v.object({
  path: pathShape,
  kind: v.picklist(["executable", "library"], "executable or library"),
  probe: v.exactOptional(probeShape),
  guard: v.exactOptional(guardShape),
});

export const entriesShape = mapShape(nameShape, entryPointShape);

const platformReleaseShape = v.object({
  archive: archiveShape,
  pieces: v.object(referenceEntries),
  tree: v.object({ ...referenceEntries, digest: sha256Shape, files: countShape, unpackedBytes: countShape }),
  entries: entriesShape,
  deltas: v.exactOptional(
    v.pipe(
      v.array(v.object({ ...referenceEntries, from: sha256Shape })),
      v.maxLength(MAX_DELTAS, `at most ${MAX_DELTAS} deltas`),
    ),
  ),
});

const engineShape = v.object({
  rules: v.object({
    maxFuture: v.nullable(countShape),
    maxDeployments: v.nullable(countShape),
    alterPending: v.picklist(["allow", "deny"], "allow or deny"),
  }),
  retention: v.exactOptional(
    membersShape({ keepEpochs: v.exactOptional(countShape), keepSuperseded: v.exactOptional(countShape) }),
  ),
  deployments: v.array(v.object({ version: versionShape, validFrom: countShape })),
  releases: mapShape(
    versionShape,
    v.object({ platforms: mapShape(platformShape, platformReleaseShape), withdrawn: v.exactOptional(reasonShape) }),
  ),
});

const manifestShape = v.object({
  format: formatShape,
  channel: nameShape,
  serial: countShape,
  previous: v.nullable(sha256Shape),
  publishedEpoch: v.nullable(countShape),
  unit: text((unit) => /^[a-z][a-z0-9 _-]{0,31}$/.test(unit), "a word in lower case"),
  engines: mapShape(nameShape, engineShape),
});

/**
 * The channel's document: shape, names, versions, hashes and paths. Members that this version does not know are left out.
 * The rules of the schedule are `checkSchedule`'s. Errors: `document-invalid`. Cost: about 25 ms a thousand builds.
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  return (
    takenExactly(manifestShape, ownJson(bytes)) ??
    shaped(manifestShape, parseJson(bytes, "The manifest"), "The manifest")
  );
}

/** Canonical JSON: the same manifest gives the same bytes. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return canonicalJson(manifest);
}

function isArchiveRoot(root: string): boolean {
  return root === "" || (root.endsWith("/") && treePathProblem(root.slice(0, -1)) === undefined);
}

function isNpmSource(source: string): boolean {
  const [, version] = /^npm:(?:@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*@(.+)$/.exec(source) ?? [];
  return version !== undefined && source.length <= 400 && versionProblem(version) === undefined;
}

function isArgument(argument: string): boolean {
  return argument.length <= 4096 && !argument.includes("\0");
}

function isPattern(pattern: string): boolean {
  if (pattern.length > 1000) return false;
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}
