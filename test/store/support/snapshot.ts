import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Every path under `folder` with its kind, mode and content, but for what `skip` names at the top. */
export function snapshotOf(folder: string, skip: readonly string[] = []): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string, name: string) => {
    const status = lstatSync(path);
    const mode = (status.mode & 0o7777).toString(8);
    if (status.isDirectory()) {
      found[name] = `folder ${mode}`;
      for (const child of readdirSync(path))
        if (name !== "." || !skip.includes(child)) visit(join(path, child), join(name, child));
    } else if (status.isSymbolicLink()) found[name] = `link ${readlinkSync(path)}`;
    else found[name] = `file ${mode} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
  };
  visit(folder, ".");
  return found;
}
