import { EngineryError, isEngineryError } from "../core/errors.ts";
import { parseManifest } from "../core/parse-manifest.ts";
import { type Home, openHome } from "../store/home.ts";
import { record, settle } from "./commit.ts";
import { withLock } from "./locking.ts";
import type { DoctorResult, Finding, HomeRequest } from "./operator.ts";
import { acceptedManifest } from "./snapshot.ts";
import { sweepRecords } from "./sweep.ts";
import type { World } from "./world.ts";

type DoctorRequest = HomeRequest & { readonly fix: boolean };

/** File systems that do not keep what they are told, or not in the order they are told. */
const REFUSED_FILE_SYSTEMS = new Set(["nfs", "cifs", "smb", "smb2", "smb3", "fuse.sshfs", "9p", "afs", "ceph", "ncp"]);
const LOW_BYTES = 256 * 1024 * 1024;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Looks at host and home, and mends with `fix` what can be mended without the network: an unreadable newest generation, launchers,
 * leftovers of dead operations. Hashing is the business of `verify`. Errors: `no-home`, `not-a-home`, `home-newer`.
 */
export async function doctor(world: World, request: DoctorRequest): Promise<DoctorResult> {
  const home = openHome(request.home, world);
  const findings = request.fix
    ? await withLock(world, home, "doctor --fix", () => examine(world, home, true))
    : examine(world, home, false);
  return { ok: findings.every(({ severity }) => severity !== "error"), findings };
}

function examine(world: World, home: Home, fix: boolean): readonly Finding[] {
  return [
    fileSystem(world, home),
    ...permissions(world, home),
    disk(world, home),
    clock(world, home),
    ...config(home),
    ...generations(world, home, fix),
    ...leases(home),
    ...leftovers(world, home, fix),
  ];
}

function fileSystem(world: World, home: Home): Finding {
  const type = world.fileSystem.fileSystemType(home.path);
  if (type === undefined || !REFUSED_FILE_SYSTEMS.has(type)) {
    return fine("file-system", `The home is on ${type ?? "a file system the system does not name"}.`);
  }
  return bad(
    "file-system-refused",
    `The home is on ${type}, which may lose what was committed.`,
    "Move the home to a local disk.",
  );
}

function permissions(world: World, home: Home): readonly Finding[] {
  const status = world.fileSystem.status(home.path);
  if (status === undefined) return [];
  const { userId } = world.host;
  const findings: Finding[] = [];
  if ((status.mode & WRITABLE_BY_OTHERS) !== 0) {
    const mend = `chmod go-w ${home.path}`;
    findings.push(
      bad("permission", `Others than the owner may write to ${home.path} (mode ${status.mode.toString(8)}).`, mend),
    );
  }
  if (userId !== undefined && status.owner !== userId) {
    const mend = "Run Enginery as the owner of the home.";
    findings.push(careful("owner", `${home.path} belongs to user ${status.owner}, and this is user ${userId}.`, mend));
  }
  return findings.length > 0 ? findings : [fine("permission", "Only the owner may write to the home.")];
}

function disk(world: World, home: Home): Finding {
  const { bytes, inodes } = world.fileSystem.freeSpace(home.path);
  const free = `${Math.floor(bytes / 1024 / 1024)} MiB are free`;
  if (bytes < LOW_BYTES) return careful("disk-space", `Only ${free}.`, "Free some space: enginery prune");
  if (inodes !== undefined && inodes < 1000)
    return careful("disk-space", `Only ${inodes} inodes are free.`, "enginery prune");
  return fine("disk-space", `${free}.`);
}

function clock(world: World, home: Home): Finding {
  const now = world.clock.now();
  const last = home.ledger.read().at(-1)?.at;
  if (last !== undefined && Date.parse(last) > now + 60_000) {
    return careful("clock", `The clock shows a time before the ledger's last line (${last}).`, "Set the host's clock.");
  }
  return fine("clock", `The clock shows ${new Date(now).toISOString()}.`);
}

function config(home: Home): readonly Finding[] {
  try {
    const { repository, channel } = home.config.read();
    return [fine("config", `Channel ${channel} of ${repository}.`)];
  } catch (error) {
    return [damaged(error, "Correct config.json.")];
  }
}

function generations(world: World, home: Home, fix: boolean): readonly Finding[] {
  try {
    const newest = home.generations.newest();
    if (newest === undefined) return [careful("no-home", "The first install was not finished.", "Run it again.")];
    const manifest = parseManifest(acceptedManifest(home, newest));
    if (fix) settle(world, home, newest, manifest);
    return [fine("generation", `Generation ${newest.number} is readable.`), ...missingInstallations(home, newest)];
  } catch (error) {
    if (!fix || !isEngineryError(error, "generation-unreadable")) return [damaged(error, "enginery doctor --fix")];
    return [stepBack(world, home, error)];
  }
}

function missingInstallations(
  home: Home,
  newest: NonNullable<ReturnType<Home["generations"]["newest"]>>,
): readonly Finding[] {
  return newest.installations.flatMap(({ engine, version, tree }) => {
    let found: string | undefined;
    try {
      found = home.installations.seal(engine, version)?.tree;
    } catch (error) {
      return [damaged(error, `enginery verify --repair ${engine}@${version}`)];
    }
    if (found === tree) return [];
    const what = found === undefined ? "has no seal" : "has another seal";
    return [
      bad("installation-damaged", `${engine}@${version} ${what}.`, `enginery verify --repair ${engine}@${version}`),
    ];
  });
}

/** Told aloud and asked for: the unreadable record is set aside, the one before it is the newest again. */
function stepBack(world: World, home: Home, error: EngineryError): Finding {
  const number = home.generations.numbers().at(-1);
  if (number === undefined) return damaged(error, "Install again.");
  const aside = home.generations.setAside(number);
  const newest = home.generations.newest();
  if (newest === undefined) {
    return {
      ...bad("generation-unreadable", `Generation ${number} was set aside, and none is left.`, "enginery install"),
      fixed: true,
    };
  }
  settle(world, home, newest, parseManifest(acceptedManifest(home, newest)));
  record(
    world,
    home,
    world.identifiers.operation(),
    "doctor",
    { setAside: number },
    { from: number, to: newest.number },
  );
  const message = `Generation ${number} could not be read and lies at ${aside}; generation ${newest.number} is the newest again.`;
  return { code: "generation-unreadable", severity: "warning", message, mend: "enginery upgrade", fixed: true };
}

function leases(home: Home): readonly Finding[] {
  const foreign = home.leases.all().filter((lease) => home.leases.state(lease) === "foreign");
  return foreign.map(({ id, engine, version, machine }) =>
    careful(
      "lease-foreign",
      `The lease ${id} on ${engine}@${version} is of another machine or namespace (${machine ?? "unknown"}) and keeps it.`,
      `Once that process is gone: enginery prune --forget-lease ${id}`,
    ),
  );
}

function leftovers(world: World, home: Home, fix: boolean): readonly Finding[] {
  if (!fix) return [];
  try {
    const newest = home.generations.newest();
    const freed = home.staging.sweep() + home.staging.sweepTrash();
    if (newest !== undefined) sweepRecords(home, newest);
    const swept = home.leases.sweep();
    if (freed === 0 && swept === 0) return [];
    return [{ ...fine("leftovers", `Swept ${freed} bytes of unfinished work and ${swept} leases.`), fixed: true }];
  } catch (error) {
    if (!isEngineryError(error)) throw error;
    world.reporter.warn("cleanup", error.message);
    return [];
  }
}

function fine(code: string, message: string): Finding {
  return { code, severity: "ok", message };
}

function careful(code: string, message: string, mend: string): Finding {
  return { code, severity: "warning", message, mend };
}

function bad(code: string, message: string, mend: string): Finding {
  return { code, severity: "error", message, mend };
}

function damaged(error: unknown, mend: string): Finding {
  if (!(error instanceof EngineryError)) throw error;
  return bad(error.code, error.message, mend);
}
