import { spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { copyFileSync, createReadStream, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";

export const ENGINERY = join(import.meta.dirname, "..", "bin", "enginery");

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as it is shipped, to its end. */
export function enginery(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(ENGINERY, words, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ENGINERY_NODE: process.execPath, ...process.env, ...env },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text: Buffer) => {
      stdout += text.toString();
    });
    child.stderr.on("data", (text: Buffer) => {
      stderr += text.toString();
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

export async function mustRun(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { status, stdout, stderr } = await enginery(words, env);
  if (status !== 0) throw new Error(`enginery ${words.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

export interface SampleRelease {
  readonly version: string;
  readonly validFrom: number;
  readonly mebibytes: number;
  /** The executable; default: a shell script that says its version. */
  readonly program?: string;
}

/** A signed repository with one engine, `sample`, of `releases`; each tree holds the engine and `mebibytes` of data. Answers the root's path. */
export async function publish(
  folder: string,
  releases: readonly SampleRelease[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const repository = join(folder, "repository");
  const keys = join(folder, "keys");
  const made = JSON.parse(
    await mustRun(["repo", "init", repository, "--channel", "bench", "--keys-dir", keys, "--json"], env),
  );
  for (const { version, validFrom, mebibytes, program } of releases) {
    const tree = join(folder, `tree-${version}`);
    writeTree(tree, version, mebibytes);
    if (program !== undefined) copyFileSync(program, join(tree, "bin", "sample"));
    await mustRun(
      [
        "repo",
        "add",
        repository,
        `sample@${version}`,
        "--platform",
        "any",
        "--tree",
        tree,
        "--entry",
        "sample=bin/sample",
      ],
      env,
    );
    await mustRun(["repo", "deploy", repository, `sample@${version}`, "--valid-from", `${validFrom}`], env);
  }
  await mustRun(["repo", "sign", repository, "--keys-dir", keys], env);
  return (made as { root: { path: string } }).root.path;
}

/** Half of the data cannot be compressed, half can very well: as programs and their tables are. */
function writeTree(tree: string, version: string, mebibytes: number): void {
  mkdirSync(join(tree, "bin"), { recursive: true });
  writeFileSync(join(tree, "bin", "sample"), `#!/bin/sh\necho sample ${version}\n`, { mode: 0o755 });
  mkdirSync(join(tree, "data"));
  const noise = Buffer.alloc(1 << 20);
  for (let number = 0; number < mebibytes; number += 1) {
    if (number % 2 === 0) randomFillSync(noise);
    else noise.fill(`${number} `);
    // files of 64 MiB: the largest single file matters for memory too
    writeFileSync(join(tree, "data", `${Math.floor(number / 64)}.bin`), noise, { flag: "a" });
  }
}

/** Serves a folder on loopback, with ranges, until it is closed. */
export async function serve(folder: string): Promise<{ readonly server: Server; readonly base: string }> {
  const server = createServer((request, response) => {
    const file = join(folder, new URL(request.url ?? "/", "http://localhost").pathname);
    const bytes = statSync(file, { throwIfNoEntry: false })?.size;
    if (bytes === undefined) {
      response.writeHead(404).end();
      return;
    }
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range = start > 0 ? { "content-range": `bytes ${start}-${bytes - 1}/${bytes}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { "content-length": bytes - start, ...range });
    createReadStream(file, { start }).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { server, base: `http://127.0.0.1:${address.port}/` };
}
