import { type Choice, choose, explainChoice } from "./choose-version.ts";
import { EngineryError } from "./errors.ts";
import type { Generation, Installation, Pin } from "./model/home.ts";
import type { EntryPoint, Epoch, Guard, Manifest, Version } from "./model/manifest.ts";
import type { Resolution } from "./model/resolution.ts";
import { platformRelease } from "./platform.ts";
import { quote } from "./quote.ts";

export interface Question {
  readonly generation: Generation;
  readonly manifest: Manifest;
  /** The tenant's pin for this engine. */
  readonly pin?: Pick<Pin, "tenant" | "version" | "tree"> | undefined;
  readonly engine: string;
  readonly epoch?: Epoch | undefined;
  readonly tenant?: string | undefined;
  readonly version?: Version | undefined;
  readonly entry?: string | undefined;
}

/**
 * Which engine, byte for byte: an explicit version, else the tenant's pin, else the schedule, else what `use` selected.
 * Never another one instead. Cost: one pass over the generation's installations and the engine's deployments.
 * Errors: `unknown-engine`, `unknown-version`, `pin-mismatch`, `epoch-unknown`, `nothing-in-effect`, `release-not-installed`,
 * `release-conflict`, `unknown-entry`.
 */
export function resolve(question: Question): Resolution {
  const choice = choose(question);
  return resolutionOf(question, choice, installationOf(question, choice));
}

/** What `resolve` answers once the choice is made and its installation found. Errors: `release-conflict`, `unknown-entry`. */
export function resolutionOf(question: Question, choice: Choice, installation: Installation): Resolution {
  checkIdentity(question, choice, installation);
  const [entry, entryPoint] = chooseEntry(question, installation);
  const { engine } = question;
  const { version, epoch, because } = choice;
  return { engine, version, tree: installation.tree, entry, entryPoint, epoch, because };
}

/** How `resolve` comes to its answer, one sentence a step, for `--why`. Never throws: what stops it is the last sentence. */
export function explain(question: Question): string[] {
  const steps = explainChoice(question);
  try {
    const { engine, version, tree, entry, entryPoint } = resolve(question);
    steps.push(`Generation ${question.generation.number} has ${engine}@${version} installed, tree ${tree}.`);
    steps.push(`The entry point ${entry} is the file ${quote(entryPoint.path)}.`);
    if (entryPoint.guard !== undefined) steps.push(explainGuard(entryPoint.guard));
  } catch (error) {
    if (!(error instanceof EngineryError)) throw error;
    steps.push(error.message);
  }
  return steps;
}

function explainGuard({ files, inputs = [], unknown = [] }: Guard): string {
  const options = [...new Set(inputs.map(({ after }) => after))];
  const checks = [
    ...(files === undefined ? [] : ["every file of the release"]),
    ...options.map((option) => `the file that follows ${quote(option)}`),
    ...unknown.map((name) => `${quote(name)}, which this Enginery does not know`),
  ];
  return `It is guarded: \`enginery exec\` first checks ${checks.length === 0 ? "nothing" : checks.join(", ")}.`;
}

function installationOf({ generation, engine }: Question, { version, because }: Choice): Installation {
  const found = generation.installations.find((one) => one.engine === engine && one.version === version);
  if (found !== undefined) return found;
  throw new EngineryError("release-not-installed", `${engine}@${version} is ${WHY[because]} and not installed here.`, {
    hint: `Install it: \`enginery install ${engine}@${version}\`.`,
    context: { engine, version, because, generation: generation.number },
  });
}

const WHY = { explicit: "asked for", pin: "pinned", schedule: "in effect", selected: "selected" } as const;

/** Law 1: identified by content hash. What is installed under the label must be what was promised under it. */
function checkIdentity({ manifest, engine, pin }: Question, { version, because }: Choice, here: Installation): void {
  const isPinned = pin !== undefined && pin.version === version;
  const promised = isPinned ? pin.tree : promisedTree(manifest, here);
  if (promised === undefined || promised === here.tree) return;
  const who = isPinned ? "the pin" : "the manifest";
  throw new EngineryError("release-conflict", `${engine}@${version} is installed with other files than ${who} names.`, {
    context: { engine, version, because, expected: promised, found: here.tree },
  });
}

function promisedTree(manifest: Manifest, { engine, version, platform }: Installation): string | undefined {
  const releases = Object.hasOwn(manifest.engines, engine) ? manifest.engines[engine]?.releases : undefined;
  const release = releases !== undefined && Object.hasOwn(releases, version) ? releases[version] : undefined;
  return release === undefined ? undefined : platformRelease(release, platform)?.tree.digest;
}

/** The entry point asked for, else the only one, else the one that is named as the engine. */
function chooseEntry({ engine, entry }: Question, { version, entries }: Installation): [string, EntryPoint] {
  const names = Object.keys(entries);
  const name = entry ?? (names.length === 1 ? names[0] : engine);
  const entryPoint = name !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (name !== undefined && entryPoint !== undefined) return [name, entryPoint];
  const what = entry === undefined ? `no entry point ${engine}` : `no entry point ${quote(entry)}`;
  throw new EngineryError("unknown-entry", `${engine}@${version} has ${what}.`, {
    hint: names.length === 0 ? "The release has none at all." : `Say --entry ${names.sort().join(", or --entry ")}.`,
    context: { engine, version, entry: entry ?? null, entries: names },
  });
}
