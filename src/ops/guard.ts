import { EngineryError } from "../core/errors.ts";
import { bytesAskedFor, holds, type NamedInput, namedInputs } from "../core/guard.ts";
import type { Installation } from "../core/model/home.ts";
import type { InputRule } from "../core/model/manifest.ts";
import type { Resolution } from "../core/model/resolution.ts";
import { quote } from "../core/quote.ts";
import type { FileStatus } from "../ports/file-system.ts";
import type { Snapshot } from "./snapshot.ts";
import type { World } from "./world.ts";

/**
 * What the publisher wants to hold before this entry point starts (docs/operations/exec.md, 4). Errors: `guard-unknown`,
 * `installation-damaged`, `input-mismatch`. Cost: the files that the arguments name are looked at; with `files` every byte of
 * the release is hashed.
 */
export function requireGuard(world: World, snapshot: Snapshot, found: Resolution, args: readonly string[]): void {
  const { guard } = found.entryPoint;
  if (guard === undefined) return;
  const { engine, version } = found;
  if (guard.unknown !== undefined) {
    const what = guard.unknown.map((name) => quote(name)).join(", ");
    throw new EngineryError("guard-unknown", `${engine}@${version} asks to check ${what} before it starts.`, {
      context: { engine, version, entry: found.entry, unknown: guard.unknown },
    });
  }
  for (const input of namedInputs(guard, args)) requireInput(world, snapshot, found, input);
  if (guard.files === "tree") requireFiles(snapshot, found);
}

/** The whole set, and nothing beside it: an entry point that starts others finds those that it was released with. */
function requireFiles({ home }: Snapshot, { engine, version, tree }: Resolution): void {
  const list = home.trees.read(tree);
  const problems = list === undefined ? undefined : home.installations.inspect(engine, version, list, { quick: false });
  const [first] = problems ?? [];
  if (problems !== undefined && first === undefined) return;
  const what = first === undefined ? "its list of files is not there" : `${first.path} ${IS[first.kind]}`;
  throw new EngineryError("installation-damaged", `${engine}@${version} is not what was signed: ${what}.`, {
    hint: `Mend it: enginery verify --repair ${engine}@${version}`,
    context: { engine, version, problems: (problems ?? []).slice(0, 20) },
  });
}

const IS = {
  changed: "was changed",
  size: "was changed",
  missing: "is missing",
  extra: "is no file of the release",
  mode: "has another mode",
  seal: "does not agree",
} as const;

function requireInput(world: World, snapshot: Snapshot, found: Resolution, input: NamedInput): void {
  const { engine, version, entry } = found;
  const { after, file } = input;
  if (followed(world, file)?.kind !== "file") {
    throw new EngineryError("input-mismatch", `${after} ${quote(file)} names no file that can be looked at.`, {
      hint: "Give the path of a file: what comes through a pipe cannot be checked before the start.",
      context: { engine, version, entry, after, file },
    });
  }
  const wrong = input.rules.find((rule) => !holds(rule, bytesAt(world, file, rule)));
  if (wrong === undefined) return;
  const holdsNow = bytesAt(world, file, wrong);
  const readBy = readersOf(world, snapshot, found, input);
  const stands = holdsNow === "" ? "it has ended" : `it holds ${holdsNow}`;
  const message = `${after} ${quote(file)} is not what ${engine}@${version} reads: from byte ${wrong.offset} ${stands}, and needed is ${wrong.bytes.join(" or ")}.`;
  throw new EngineryError("input-mismatch", message, {
    hint:
      readBy.length === 0
        ? `No installed release of ${engine} is said to read it: take the one that wrote it.`
        : `Installed here, ${readBy.map((other) => `${engine}@${other}`).join(" and ")} read${readBy.length === 1 ? "s" : ""} it.`,
    context: {
      engine,
      version,
      entry,
      after,
      file,
      offset: wrong.offset,
      needed: wrong.bytes,
      holds: holdsNow,
      readBy,
    },
  });
}

/** Versions whose own rules for that option the file keeps; one that has none promises nothing. */
function readersOf(world: World, { newest }: Snapshot, { engine, entry }: Resolution, input: NamedInput) {
  const reads = ({ entries }: Installation) => {
    const guard = Object.hasOwn(entries, entry) ? entries[entry]?.guard : undefined;
    const rules = (guard?.inputs ?? []).filter(({ after }) => after === input.after);
    return rules.length > 0 && rules.every((rule) => holds(rule, bytesAt(world, input.file, rule)));
  };
  return newest.installations.filter((one) => one.engine === engine && reads(one)).map(({ version }) => version);
}

/** In lower-case hex; shorter where the file ends. */
function bytesAt(world: World, file: string, rule: InputRule): string {
  const { offset, count } = bytesAskedFor(rule);
  using handle = world.fileSystem.openRead(file);
  const buffer = new Uint8Array(count);
  let filled = 0;
  for (let more = 1; more > 0 && filled < count; filled += more) {
    more = handle.read(buffer.subarray(filled), offset + filled);
  }
  return Array.from(buffer.subarray(0, filled), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const MAX_LINKS = 40;

/** Opening a pipe would wait for its writer: what a path leads to is asked for first. */
function followed({ fileSystem }: World, path: string): FileStatus | undefined {
  let place = path;
  for (let links = 0; links < MAX_LINKS; links += 1) {
    const status = fileSystem.status(place);
    if (status?.kind !== "link") return status;
    const next = fileSystem.readLink(place);
    if (next === undefined) return undefined;
    place = next.startsWith("/") ? next : `${place.slice(0, place.lastIndexOf("/") + 1)}${next}`;
  }
  return undefined;
}
