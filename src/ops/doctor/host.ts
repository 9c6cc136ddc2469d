import type { Home } from "../../store/home.ts";
import type { Finding } from "../operator.ts";
import type { World } from "../world.ts";
import { bad, careful, fine } from "./findings.ts";

/** File systems that do not keep what they are told, or not in the order they are told. */
const REFUSED_FILE_SYSTEMS = new Set(["nfs", "cifs", "smb", "smb2", "smb3", "fuse.sshfs", "9p", "afs", "ceph", "ncp"]);
const LOW_BYTES = 256 * 1024 * 1024;
const LOW_INODES = 1000;
/** Clocks of two hosts differ, and are set while they run. */
const CLOCK_TOLERANCE_MS = 60_000;

export function fileSystemFinding(world: World, home: Home): Finding {
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

export function diskFinding(world: World, home: Home): Finding {
  const { bytes, inodes } = world.fileSystem.freeSpace(home.path);
  const free = `${Math.floor(bytes / 1024 / 1024)} MiB are free`;
  if (bytes < LOW_BYTES) return careful("disk-space", `Only ${free}.`, "enginery prune");
  if (inodes !== undefined && inodes < LOW_INODES) {
    return careful("disk-space", `Only ${inodes} inodes are free.`, "enginery prune");
  }
  return fine("disk-space", `${free}.`);
}

export function clockFinding(world: World, home: Home): Finding {
  const now = world.clock.now();
  const last = home.ledger.last()?.at;
  if (last !== undefined && Date.parse(last) > now + CLOCK_TOLERANCE_MS) {
    return careful("clock", `The clock shows a time before the ledger's last line (${last}).`, "Set the host's clock.");
  }
  return fine("clock", `The clock shows ${new Date(now).toISOString()}.`);
}
