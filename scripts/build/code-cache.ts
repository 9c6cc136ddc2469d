import { execFile } from "node:child_process";
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { BUILD_ID } from "./command.ts";

/** Verbs that are short, each as it is asked most: what V8 compiles for one is kept for that one. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  which: ["which", "sample"],
  exec: ["exec", "sample"],
  list: ["list"],
  status: ["status"],
  schedule: ["schedule"],
  pin: ["pin", "tenant", "sample@1.0.0"],
  pins: ["pins"],
  unpin: ["unpin", "tenant", "sample"],
  observe: ["observe", "60"],
  check: ["check"],
  upgrade: ["upgrade"],
  rollback: ["rollback"],
  use: ["use", "other@1.0.0"],
  /** Names are asked for between two keys. */
  __complete: ["__complete", "bash", "enginery which ", ""],
  /** For all other verbs. */
  other: ["help"],
};

/**
 * Runs each short verb once on a sample home and lays what V8 compiled beside the code, for this version of Node, system and processor.
 * The runs are real ones: a verb that fails leaves uncompiled what it does when it succeeds. Costs some seconds.
 */
export async function keepCode(root: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "enginery-build-"));
  const server = await serve(join(work, "repository"));
  try {
    const run = (...words: readonly string[]) => runNode(work, words);
    const start = join(root, "bin", "start.cjs");
    await makeSample(work, baseOf(server), (...words) => run(start, ...words));
    const kept = codeCacheOf(join(root, "dist", "command"));
    const codeCache = dirname(kept);
    const making = join(codeCache, "making");
    mkdirSync(making, { recursive: true });
    // bin/start.cjs loads the files as it will later where this folder is, full or not
    mkdirSync(kept);
    for (const [name, words] of Object.entries({ ...KEPT, install: firstInstall(baseOf(server)) })) {
      await run(
        "--predictable",
        "--random-seed=1",
        join(root, "scripts", "build", "keep-code.cjs"),
        start,
        making,
        name,
        ...words,
      );
    }
    rmSync(kept, { recursive: true });
    renameSync(making, kept);
  } catch (error) {
    // slower starts, and no worse: V8's compile cache takes its place
    rmSync(join(root, "dist", "command", "code-cache"), { recursive: true, force: true });
    process.stderr.write(`No compiled code is kept for the short verbs: ${String(error)}\n`);
  } finally {
    server.close();
    rmSync(work, { recursive: true, force: true });
  }
}

/** Where bin/start.cjs looks for what this Node compiled of these very files. */
export function codeCacheOf(command: string): string {
  const buildId = readFileSync(join(command, BUILD_ID), "utf8");
  return join(command, "code-cache", [process.version, process.platform, process.arch, buildId].join("-"));
}

/** Into a home of its own, from a server: so that what fetches, believes and unpacks is kept too. */
function firstInstall(base: string): readonly string[] {
  const root = join("repository", "metadata", "1.root.json");
  return ["install", "--home", "first", "--from", base, "--channel", "sample", "--root", root, "sample"];
}

/** A home with an engine on a schedule, one without, and two generations. */
async function makeSample(work: string, base: string, enginery: (...words: string[]) => Promise<void>): Promise<void> {
  const tree = join(work, "tree");
  const program = join(tree, "bin", "sample");
  mkdirSync(join(tree, "bin"), { recursive: true });
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o755);
  const repository = join(work, "repository");
  const add = async (release: string) => {
    writeFileSync(join(tree, "release"), release);
    await enginery(
      "repo",
      "add",
      repository,
      release,
      "--platform",
      "any",
      "--tree",
      tree,
      "--entry",
      "sample=bin/sample",
    );
  };
  const sign = () => enginery("repo", "sign", repository, "--keys-dir", join(work, "keys"));
  await enginery("repo", "init", repository, "--channel", "sample", "--keys-dir", join(work, "keys"));
  for (const release of ["sample@1.0.0", "other@1.0.0"]) await add(release);
  await enginery("repo", "deploy", repository, "sample@1.0.0", "--valid-from", "0");
  await sign();
  const root = join(repository, "metadata", "1.root.json");
  await enginery("install", "--from", base, "--channel", "sample", "--root", root, "sample", "other@1.0.0");
  await enginery("observe", "50");
  await add("sample@2.0.0");
  await enginery("repo", "deploy", repository, "sample@2.0.0", "--valid-from", "100");
  await sign();
  await enginery("upgrade");
}

/** Nothing in the environment of whoever builds says how Enginery is to run, nor V8 how to compile. */
async function runNode(work: string, words: readonly string[]): Promise<void> {
  const env = { PATH: process.env["PATH"], HOME: work, ENGINERY_HOME: join(work, "home"), NO_COLOR: "1" };
  await promisify(execFile)(process.execPath, words, { cwd: work, env });
}

async function serve(folder: string): Promise<Server> {
  const server = createServer(({ url = "/" }, response) => {
    const file = join(folder, new URL(url, "http://localhost").pathname);
    if (existsSync(file)) createReadStream(file).pipe(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function baseOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return `http://127.0.0.1:${address.port}/`;
}
