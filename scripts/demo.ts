// Makes manifests/demo, the signed repository of the demo channel, from nothing: `node scripts/demo.ts [FOLDER]`.
// Archives stay in the npm registry; their hashes, pieces and trees are measured from what npm's own configuration serves.
// The keys are thrown away: whoever runs this publishes another channel, which homes of the one before do not follow.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const EXPIRES = "2036-01-01T00:00:00Z";
const PLATFORMS = ["linux-x64", "linux-arm64", "linux-s390x", "darwin-x64", "darwin-arm64", "win32-x64"];
/** The Wasmtime inside, the wizer around it, the first epoch. */
const RELEASES = [
  { version: "9.0.1", wizer: "3.0.1", validFrom: 0 },
  { version: "23.0.2", wizer: "7.0.5", validFrom: 100 },
  { version: "36.0.2", wizer: "10.0.0", validFrom: 200 },
];

const checkout = fileURLToPath(new URL("..", import.meta.url));
const destination = process.argv[2] ?? join(checkout, "manifests", "demo");
const work = mkdtempSync(join(tmpdir(), "enginery-demo-"));
try {
  const repository = join(work, "repository");
  make(repository, join(work, "keys"));
  refuseSecrets(repository);
  rmSync(destination, { recursive: true, force: true });
  renameOrCopy(repository, destination);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function make(repository: string, keys: string): void {
  const root = JSON.parse(
    repo("init", repository, "--channel", "demo", "--keys-dir", keys, "--expires", EXPIRES, "--json"),
  ).root as { path: string };
  for (const release of RELEASES) {
    for (const platform of PLATFORMS) add(repository, release, platform);
    repo("deploy", repository, `wasmtime@${release.version}`, "--valid-from", `${release.validFrom}`);
  }
  // signed as of epoch 0: the schedule that is ahead then stays open to additions
  repo("sign", repository, "--keys-dir", keys, "--expires", EXPIRES, "--offline-expires", EXPIRES, "--epoch", "0");
  repo("verify", repository);
  copyFileSync(root.path, join(repository, "root.json"));
  // what a client never asks for
  rmSync(join(repository, ".draft"), { recursive: true, force: true });
}

function add(repository: string, release: (typeof RELEASES)[number], platform: string): void {
  const file = platform.startsWith("win32") ? "wizer.exe" : "wizer";
  repo(
    ...["add", repository, `wasmtime@${release.version}`, "--platform", platform],
    ...["--npm", `@bytecodealliance/wizer-${platform}@${release.wizer}`],
    ...["--entry", `wizer=${file}:executable`],
    ...["--probe=--version", "--expect", `^wizer ${release.wizer.replaceAll(".", "\\.")}\\s*$`],
  );
}

function repo(...words: readonly string[]): string {
  process.stderr.write(`enginery repo ${words.join(" ")}\n`);
  const { status, stdout } = spawnSync(join(checkout, "bin", "enginery"), ["repo", ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    // whoever runs this may have keys and places of their own
    env: { ...withoutOurs(process.env), ENGINERY_HOME: join(work, "no-home") },
  });
  if (status !== 0) throw new Error(`enginery repo ${words[0]} ended with ${status}: ${stdout}`);
  return stdout;
}

function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("ENGINERY_")));
}

function refuseSecrets(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (/PRIVATE KEY|"private"/.test(readFileSync(path, "latin1"))) throw new Error(`A private key lies in ${path}.`);
  }
}

function renameOrCopy(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // another file system: nothing but plain files and folders is in it
    spawnSync("cp", ["-R", from, to], { stdio: "inherit" });
  }
}
