import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

export interface Ran {
  readonly status: number | null;
  /** Both streams. */
  readonly said: string;
}

/** A copy of the checkout as `git clone` would give it, and an empty HOME of somebody with nothing but npm and its Node. */
export class Sandbox {
  readonly root = mkdtempSync(join(tmpdir(), "enginery-install-"));
  /** A blank in its name: whatever is not quoted breaks. */
  readonly checkout = join(this.root, "my checkout");
  readonly home = join(this.root, "home of mine");
  readonly path: string;

  constructor() {
    mkdirSync(this.home);
    const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
      cwd: PROJECT,
      encoding: "utf8",
    });
    for (const file of listed.stdout.split("\0").filter((name) => existsSync(join(PROJECT, name)) && name !== "")) {
      mkdirSync(dirname(join(this.checkout, file)), { recursive: true });
      copyFileSync(join(PROJECT, file), join(this.checkout, file));
    }
    const own = this.folderWith({ node: commandOf("node"), npm: commandOf("npm") });
    this.path = [own, "/usr/bin", "/bin", "/usr/sbin", "/sbin"].join(delimiter);
  }

  /** A folder for PATH with links to these commands. */
  folderWith(commands: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(this.root, "bin-"));
    for (const [name, target] of Object.entries(commands)) symlinkSync(target, join(folder, name));
    return folder;
  }

  /** A folder for PATH with a command that does what this shell script says. */
  folderFaking(name: string, script: string): string {
    const folder = mkdtempSync(join(this.root, "fake-"));
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
    return folder;
  }

  install(
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
    shell: readonly string[] = ["sh"],
  ): Ran {
    return this.run([...shell, join(this.checkout, "install.sh"), ...words], env);
  }

  run(command: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
    const [file = "", ...args] = command;
    const { status, stdout, stderr } = spawnSync(file, args, {
      cwd: this.root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        HOME: this.home,
        PATH: this.path,
        SHELL: "/bin/sh",
        LANG: "C.UTF-8",
        // this host's way to its registry, and what it has fetched before
        NPM_CONFIG_USERCONFIG: process.env["NPM_CONFIG_USERCONFIG"] ?? join(homedir(), ".npmrc"),
        NPM_CONFIG_CACHE: join(homedir(), ".npm"),
        ...proxies(),
        ...env,
      },
    });
    return { status, said: `${stdout}${stderr}` };
  }

  dispose(): void {
    spawnSync("chmod", ["-R", "u+w", this.root]);
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Every path below `root`, with kind, mode, time of the last change and hash. Folders that are written to and emptied again keep no time. */
export function picture(root: string, leaveOut = /^$/): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(root, path);
    if (leaveOut.test(name)) continue;
    const stat = lstatSync(path);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) found.set(name, `link ${readlinkSync(path)}`);
    else if (!stat.isFile()) found.set(name, `folder ${mode}`);
    else
      found.set(name, `file ${mode} ${stat.mtimeMs} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`);
  }
  return found;
}

/** The command that a shell outside this project finds. */
function commandOf(name: string): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`No ${name} on PATH.`);
  return found;
}

function proxies(): Record<string, string> {
  const names = /^(https?_proxy|no_proxy|node_extra_ca_certs|npm_config_registry|ssl_cert_file)$/i;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      names.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );
}
