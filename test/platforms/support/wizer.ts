import { join } from "node:path";
import { sound } from "../../engines/support/command.ts";
import { must } from "../../engines/support/prepare.ts";
import type { Publisher } from "../../engines/support/publisher.ts";
import { wasmtimeFolder } from "./prepared.ts";

/** The program of npm's wizer, which is the Wasmtime in it, as its platform calls it. */
export function wizerOf(platform: string): string {
  return platform.startsWith("win32-") ? "wizer.exe" : "wizer";
}

/** One of the prepared Wasmtimes as a release of `publisher`, in effect from `validFrom`; the archive is made in `folder`. */
export async function publishWasmtime(
  {
    publisher,
    platform,
    folder,
  }: { readonly publisher: Publisher; readonly platform: string; readonly folder: string },
  version: string,
  validFrom: number,
): Promise<void> {
  // made here, as what `repo add` makes itself is small and takes minutes under load
  const archive = join(folder, `${version}.tar.gz`);
  const entry = wizerOf(platform);
  must("tar", ["-C", wasmtimeFolder(platform, version), "-I", "gzip -1", "-cf", archive, entry], folder);
  const words = ["--platform", platform, "--entry", `wasmtime=${entry}:executable`];
  await sound(["repo", "add", publisher.repository, `wasmtime@${version}`, "--archive", archive, ...words]);
  await publisher.deploy("wasmtime", version, validFrom);
}
