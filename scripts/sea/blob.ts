import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { codeCacheOf } from "../build/code-cache.ts";
import { BUILD_ID } from "../build/command.ts";

const START = fileURLToPath(new URL("start.cjs", import.meta.url));

interface BlobRequest {
  /** Of the built project. */
  readonly root: string;
  readonly platform: string;
  /** Of the Node that the file is made of: `24.21.0`. */
  readonly nodeVersion: string;
  /** A folder for what lies about meanwhile. */
  readonly work: string;
}

/**
 * What a single file runs, as Node packs it: the command line, and for this very platform and Node what V8 compiled of it. Left out: what it
 * compiled of libraries that wait for a network or a disk, as that is different each time.
 */
export function makeBlob({ root, platform, nodeVersion, work }: BlobRequest): Buffer {
  const command = join(root, "dist", "command");
  const assets: Record<string, string> = {};
  for (const name of readdirSync(command).sort()) if (isPart(name)) assets[name] = join(command, name);
  const isOwn = platform === `${process.platform}-${process.arch}` && nodeVersion === process.versions.node;
  const kept = codeCacheOf(command);
  if (isOwn && existsSync(kept)) {
    for (const name of readdirSync(kept).sort())
      if (/\.(start|upgrade|rest)$/.test(name)) assets[name] = join(kept, name);
  }
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  mkdirSync(work, { recursive: true });
  assets["version"] = join(work, "version");
  writeFileSync(assets["version"], version);
  const output = join(work, "blob");
  const configuration = {
    main: START,
    output,
    assets,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
    // NODE_OPTIONS are for whoever runs Node, and nobody knows that this is one
    execArgvExtension: "none",
  };
  writeFileSync(join(work, "sea.json"), JSON.stringify(configuration));
  execFileSync(process.execPath, ["--experimental-sea-config", join(work, "sea.json")], {
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return readFileSync(output);
}

function isPart(name: string): boolean {
  return name.endsWith(".cjs") && name !== "load.cjs" && name !== BUILD_ID;
}
