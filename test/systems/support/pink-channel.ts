import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { answer, enginery, type Ran, sound } from "../../engines/support/command.ts";
import { HOST_PLATFORM, Publisher } from "../../engines/support/publisher.ts";

const SOURCES = fileURLToPath(new URL("../native", import.meta.url));

export const NEEDS_COMPILER =
  process.platform !== "linux"
    ? "libpink.so is for Linux"
    : spawnSync("cc", ["--version"]).error !== undefined && "no C compiler here";

/** What every test here uses, told. */
export const PINK = "engine: libpink.so in C, which reports itself as Phala's does (theirs is on no registry)";

/** Real shared libraries by version, each with the program that loads it and tells what it reports. */
export class PinkChannel {
  readonly work: string;
  readonly publisher: Publisher;
  #root = "";
  #trees = 0;

  private constructor(work: string) {
    this.work = work;
    this.publisher = new Publisher(work, "phala");
  }

  static async begin(work: string): Promise<PinkChannel> {
    const channel = new PinkChannel(work);
    channel.#root = (await channel.publisher.init()).root.path;
    return channel;
  }

  /** The program that stands for a host, too. */
  get report(): string {
    return join(this.work, "pink-report");
  }

  /** `reports` X.Y; `flavour` changes the bytes and nothing else. */
  tree(reports: string, flavour = "plain"): string {
    const tree = join(this.work, `tree-${++this.#trees}`);
    mkdirSync(join(tree, "lib"), { recursive: true });
    const [major, minor] = reports.split(".");
    compile(
      "pink.c",
      join(tree, "lib", "libpink.so"),
      "-shared",
      "-fPIC",
      ...[`-DMAJOR=${major}`, `-DMINOR=${minor}`],
      `-DFLAVOUR="${flavour}"`,
    );
    compile("pink-report.c", join(tree, "pink-report"), "-ldl");
    compile("pink-report.c", this.report, "-ldl");
    return tree;
  }

  async add(
    version: string,
    tree = this.tree(version.replace(/\.0$/, "")),
    repository = this.publisher.repository,
  ): Promise<Ran> {
    return await enginery([
      ...["repo", "add", repository, `pink@${version}`, "--platform", HOST_PLATFORM, "--tree", tree, "--json"],
      ...["--entry", "pink=lib/libpink.so", "--entry", "pink-report=pink-report", "--probe-with", "pink-report"],
    ]);
  }

  async publish(...rows: readonly (readonly [version: string, validFrom: number])[]): Promise<void> {
    for (const [version, validFrom] of rows) {
      await this.add(version);
      await this.publisher.deploy("pink", version, validFrom);
    }
    await this.publisher.sign("--epoch", "0");
  }

  async install(name: string, epoch: number): Promise<string> {
    const home = join(this.work, name);
    const from = ["--from", this.publisher.repository, "--channel", "phala", "--root", this.#root];
    await answer(["install", ...from], { home });
    await sound(["observe", `${epoch}`], { home });
    return home;
  }

  /** What a host reads that loads this file. */
  load(file: string): string {
    const { status, stdout, stderr } = spawnSync(this.report, [file], { encoding: "utf8" });
    return status === 0 ? stdout.trim() : `exit ${status}: ${stderr}`;
  }
}

function compile(source: string, out: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync("cc", ["-O1", "-o", out, join(SOURCES, source), ...words], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${source} does not compile: ${stderr}`);
}
