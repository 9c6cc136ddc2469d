import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { answer, sound } from "../../engines/support/command.ts";
import {
  type Prepared,
  pathOf,
  preparedEngines,
  reasonToSkip,
  XSNAP_OTHER_XS,
  XSNAP_VERSIONS,
} from "../../engines/support/engines.ts";
import { folderOf } from "../../engines/support/folders.ts";
import { Publisher, type ReleaseWords } from "../../engines/support/publisher.ts";

export const NEEDS_XSNAP = reasonToSkip(...XSNAP_VERSIONS.map(buildOf));
export const NEEDS_OTHER_XS = reasonToSkip(buildOf(XSNAP_OTHER_XS), ...XSNAP_VERSIONS.map(buildOf));
export const XSNAP = xsnapTold(...XSNAP_VERSIONS);

/** The diagnostic of a test that used these. */
export function xsnapTold(...versions: readonly string[]): string {
  const names = versions.map((version) => (version === XSNAP_OTHER_XS ? `${version} (0.15.0 as XS 14)` : version));
  return `engine: xsnap ${names.join(", ")} (npm's C sources)`;
}

/** A channel of real xsnap workers, and homes that follow it. */
export class XsnapChannel {
  readonly work: string;
  readonly publisher: Publisher;
  #root = "";
  #trees = 0;

  private constructor(work: string, channel: string) {
    this.work = work;
    this.publisher = new Publisher(work, channel);
  }

  static async begin(work: string, channel = "vats", ...words: readonly string[]): Promise<XsnapChannel> {
    mkdirSync(work, { recursive: true });
    const begun = new XsnapChannel(work, channel);
    begun.#root = (await begun.publisher.init(...words)).root.path;
    return begun;
  }

  get root(): string {
    return this.#root;
  }

  /** Version and epoch, in the order of publishing; signed at epoch 0. */
  async publish(...rows: readonly (readonly [version: string, validFrom: number])[]): Promise<this> {
    for (const [version, validFrom] of rows) {
      await this.add(version);
      await this.publisher.deploy("xsnap", version, validFrom);
    }
    await this.publisher.sign("--epoch", "0");
    return this;
  }

  /** `files`: beside the worker, or in its place. */
  async add(version: string, change: Partial<ReleaseWords> = {}, files: Readonly<Record<string, string>> = {}) {
    const tree = folderOf(this.work, `tree-${++this.#trees}`, { "xsnap-worker": workerOf(version), ...files });
    const probe = ["-v", `^${reportOf(version).source}`] as const;
    await this.publisher.add({ engine: "xsnap", version, from: { tree }, entry: "xsnap-worker", probe, ...change });
  }

  /** A home that follows what lies at `from`: the repository's own folder, or where it is served. */
  async install(name: string, epoch?: number, from = this.publisher.repository): Promise<string> {
    const home = join(this.work, name);
    await answer(["install", "--from", from, "--channel", this.publisher.channel, "--root", this.root], { home });
    if (epoch !== undefined) await sound(["observe", `${epoch}`], { home });
    return home;
  }
}

/** The executable as it was built. */
export function workerOf(version: string): string {
  return pathOf(buildOf(version));
}

/** What a worker of this version says for `-v`. */
export function reportOf(version: string): RegExp {
  return new RegExp(`xsnap ${version.replaceAll(".", "\\.")} \\(XS [0-9.]+\\)\\s*$`);
}

function buildOf(version: string): Prepared | undefined {
  const { xsnap, xsnapOtherXs } = preparedEngines();
  return version === XSNAP_OTHER_XS ? xsnapOtherXs : xsnap[version];
}
