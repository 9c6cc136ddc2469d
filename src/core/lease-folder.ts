import { EngineryError } from "./errors.ts";

/** Where leases lie with `--system`: gone with the boot, as the processes are that wrote them. */
export const SYSTEM_LEASES = "/run/enginery/leases";
/** Its members may claim what they run. */
export const LEASES_GROUP = "enginery";
/** The group may write; sticky, so that nobody removes another's; setgid, so that what lies there is of the group. */
export const LEASES_MODE = 0o3770;

const MAX_PATH = 4096;

/** What the file LEASES of a home says: a folder, absolute and spelt in one way. Errors: `document-invalid`. */
export function parseLeasesPlace(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  const path = text.endsWith("\n") ? text.slice(0, -1) : "";
  const names = path.split("/").slice(1);
  const isPlain = names.length > 0 && names.every((name) => name !== "" && name !== "." && name !== "..");
  if (path.startsWith("/") && path.length <= MAX_PATH && isPlain && !/\p{Cc}/u.test(path)) return path;
  throw new EngineryError("document-invalid", "It is not the absolute path of a folder and a line end.");
}

export function encodeLeasesPlace(folder: string): Uint8Array {
  const bytes = new TextEncoder().encode(`${folder}\n`);
  parseLeasesPlace(bytes);
  return bytes;
}

/** For root. `owner`: of the home, by name or number. */
export function leaseFolderCommand(folder: string, owner: string | number): string {
  return `sudo install -d -m ${LEASES_MODE.toString(8)} -o ${owner} -g ${LEASES_GROUP} ${forShell(folder)}`;
}

function forShell(path: string): string {
  return /^[A-Za-z0-9/._-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
