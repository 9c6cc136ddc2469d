import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { codeCacheOf } from "../build/code-cache.ts";
import { BUILD_ID } from "../build/command.ts";

const START = fileURLToPath(new URL("start.cjs", import.meta.url));
const MAIN = "enginery.cjs";
const CARRIES = "carries";
/** A magic number, the flags, and whether words of Node's own are taken. */
const FLAGS_END = 9;

interface BlobRequest {
  /** Of the built project. */
  readonly root: string;
  readonly platform: string;
  /** Of the Node that the file is made of: `24.21.0`. */
  readonly nodeVersion: string;
  /** A folder for what lies about meanwhile. */
  readonly work: string;
  /** sha256 of the table of what the file will carry: one that was cut off behind this, or has another's, is found out. */
  readonly carries: string | undefined;
}

/**
 * What a single file runs, as Node packs it: the command line, and for this very platform and Node what V8 compiled of it. Left out: what it
 * compiled of libraries that wait for a network or a disk, as that is different each time.
 */
export function makeBlob({ root, platform, nodeVersion, work, carries }: BlobRequest): Buffer {
  const command = join(root, "dist", "command");
  const assets: Record<string, string> = {};
  for (const name of readdirSync(command).sort()) if (isPart(name)) assets[name] = join(command, name);
  const isOwn = platform === `${process.platform}-${process.arch}` && nodeVersion === process.versions.node;
  const kept = codeCacheOf(command);
  if (isOwn && existsSync(kept)) {
    for (const name of readdirSync(kept).sort()) if (isKept(name)) assets[name] = join(kept, name);
  }
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  mkdirSync(work, { recursive: true });
  assets["version"] = join(work, "version");
  writeFileSync(assets["version"], version);
  if (carries !== undefined) {
    assets[CARRIES] = join(work, CARRIES);
    writeFileSync(assets[CARRIES], carries);
  }
  const output = resolve(work, "blob");
  // the blob names what it was made of: no folder of whoever builds is in it
  copyFileSync(START, join(work, MAIN));
  const configuration = {
    main: MAIN,
    output,
    assets,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
    // NODE_OPTIONS are for whoever runs Node, and nobody knows that this is one
    execArgvExtension: "none",
    execArgv: ["--max-semi-space-size=2"],
  };
  writeFileSync(join(work, "sea.json"), JSON.stringify(configuration));
  execFileSync(process.execPath, ["--experimental-sea-config", "sea.json"], {
    cwd: work,
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return understoodBy(nodeVersion, readFileSync(output));
}

/** From 25.5 on a byte behind the flags says of which kind the code is: 0 is CommonJS. The test suite runs one on such a Node. */
function understoodBy(nodeVersion: string, blob: Buffer): Buffer {
  if (Number(nodeVersion.split(".")[0]) < 26) return blob;
  return Buffer.concat([blob.subarray(0, FLAGS_END), Buffer.of(0), blob.subarray(FLAGS_END)]);
}

/** What V8 compiles while a server is waited for, or a thread, depends on when the answer comes. */
function isKept(name: string): boolean {
  return /\.(start|upgrade|rest)$/.test(name) && !name.startsWith("install.");
}

function isPart(name: string): boolean {
  return name.endsWith(".cjs") && name !== "load.cjs" && name !== BUILD_ID;
}
