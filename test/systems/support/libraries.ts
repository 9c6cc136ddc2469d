import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { answer, enginery, type Ran, sound } from "../../engines/support/command.ts";
import { must } from "../../engines/support/prepare.ts";
import { HOST_PLATFORM, Publisher } from "../../engines/support/publisher.ts";
import { SOURCES } from "./prepare-libraries.ts";

export interface LibraryRelease {
  readonly engine: string;
  readonly version: string;
  /** Absent: released, and not deployed. */
  readonly validFrom?: number;
  /** Name in lib/ of the release to the file that is copied. The first is the entry point. */
  readonly files: Readonly<Record<string, string>>;
}

/** A channel of libraries, installed: the publisher, and the home that follows it. */
export class LibraryChannel {
  readonly home: string;
  readonly #work: string;
  readonly #publisher: Publisher;

  private constructor(work: string) {
    this.#work = work;
    this.home = join(work, "home");
    this.#publisher = new Publisher(work, "clusters");
  }

  static async begin(work: string, releases: readonly LibraryRelease[], epoch?: number): Promise<LibraryChannel> {
    mkdirSync(work, { recursive: true });
    const channel = new LibraryChannel(work);
    const { root } = await channel.#publisher.init();
    await channel.publish(releases);
    const from = ["--from", channel.#publisher.repository, "--channel", "clusters", "--root", root.path];
    const names = releases.map(({ engine, version }) => `${engine}@${version}`);
    await sound(["install", ...names, ...from], { home: channel.home });
    if (epoch !== undefined) await sound(["observe", `${epoch}`], { home: channel.home });
    return channel;
  }

  async publish(releases: readonly LibraryRelease[]): Promise<void> {
    for (const { engine, version, validFrom, files } of releases) {
      const tree = join(this.#work, `tree-${engine}-${version}`);
      mkdirSync(join(tree, "lib"), { recursive: true });
      for (const [name, file] of Object.entries(files)) copyFileSync(file, join(tree, "lib", name));
      const entry = `${engine}=lib/${Object.keys(files)[0]}:library`;
      const { repository } = this.#publisher;
      // made here, as what `repo add` makes itself is small and takes a minute for the largest of them
      const archive = `${tree}.tar.gz`;
      must("tar", ["-C", tree, "-I", "gzip -1", "-cf", archive, "lib"], this.#work);
      const words = ["--platform", HOST_PLATFORM, "--archive", archive, "--entry", entry];
      await sound(["repo", "add", repository, `${engine}@${version}`, ...words]);
      if (validFrom !== undefined) await this.#publisher.deploy(engine, version, validFrom);
    }
    await this.#publisher.sign("--epoch", "0");
  }

  /** What the command says: the path, or 120 and its exit code as the host has it. */
  async which(words: readonly string[]): Promise<string> {
    const ran = await enginery(["which", ...words], { home: this.home });
    return ran.status === 0 ? ran.stdout.trim() : String(120 + (ran.status ?? 0));
  }

  async leases(): Promise<readonly string[]> {
    type Kept = { version: string; keptBy: readonly { kind: string }[] };
    const { kept } = await answer<{ kept: readonly Kept[] }>(["prune", "--dry-run"], { home: this.home });
    return kept.filter(({ keptBy }) => keptBy.some(({ kind }) => kind === "lease")).map(({ version }) => version);
  }
}

/** Compiles what the host's own tests load: no release of anybody. */
export function toyLibrary(work: string, version: string): string {
  const [major, minor, patch] = version.split(".");
  const file = join(work, `libtoy-${version}.so`);
  const flags = [`-DMAJOR=${major}`, `-DMINOR=${minor}`, `-DPATCH=${patch}`];
  must("cc", ["-std=c11", "-shared", "-fPIC", ...flags, "-o", file, join(SOURCES, "toy", "toy.c")], work);
  return file;
}

/** A host at work: it has loaded all that it was asked for, and ends when its input does. */
export interface HeldHost extends AsyncDisposable {
  readonly pid: number;
  /** A line each: engine, version, why, file, what it says, what it does. */
  readonly lines: readonly (readonly string[])[];
  end(signal?: NodeJS.Signals): Promise<void>;
}

export async function holdHost(program: string, home: string, words: readonly string[]): Promise<HeldHost> {
  const child = spawn(program, ["--home", home, "--hold", ...words], {
    stdio: ["pipe", "pipe", "inherit"],
    env: cleanEnvironment(),
  });
  const lines = await linesUpTo(child, "holding");
  const end = async (signal?: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    if (signal === undefined) child.stdin?.end();
    else child.kill(signal);
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    lines: lines.map((line) => line.split("\t")),
    end,
    [Symbol.asyncDispose]: () => end("SIGKILL"),
  };
}

async function linesUpTo(child: ChildProcess, last: string): Promise<string[]> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.endsWith(`${last}\n`)) return text.split("\n").slice(0, -2);
  }
  throw new Error(`The host ended before it held anything: ${text}`);
}

function cleanEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("ENGINERY_")));
}

/** To its end, as any other program that is run here. */
export async function runHost(program: string, home: string, words: readonly string[], env = {}): Promise<Ran> {
  return await enginery(words, { program, home, env });
}
