import { join } from "node:path";
import { answer, type Ran, sound } from "./command.ts";

export interface ReleaseWords {
  readonly engine: string;
  readonly version: string;
  /** The folder whose files are the release, or an archive of it. */
  readonly from: { readonly tree: string } | { readonly archive: string };
  /** The executable in it; without one `words` name the entry points. */
  readonly entry?: string;
  /** Argument and what it must print. */
  readonly probe?: readonly [args: string, expect: string];
  /** More flags of `repo add`. */
  readonly words?: readonly string[];
}

export interface Begun {
  readonly root: { readonly sha256: string; readonly path: string };
  readonly keys: readonly { readonly roles: readonly string[]; readonly keyid: string; readonly path: string }[];
}

/** A publisher at work through the command line: one repository, one folder of keys. */
export class Publisher {
  readonly repository: string;
  readonly keys: string;
  readonly channel: string;

  constructor(folder: string, channel: string) {
    this.repository = join(folder, "repository");
    this.keys = join(folder, "keys");
    this.channel = channel;
  }

  async init(...words: readonly string[]): Promise<Begun> {
    return await answer<Begun>([
      ...["repo", "init", this.repository, "--channel", this.channel, "--keys-dir", this.keys, ...words],
    ]);
  }

  async add({ engine, version, from, entry, probe, words = [] }: ReleaseWords): Promise<void> {
    await sound([
      ...["repo", "add", this.repository, `${engine}@${version}`, "--platform", HOST_PLATFORM],
      ...("tree" in from ? ["--tree", from.tree] : ["--archive", from.archive]),
      ...(entry === undefined ? [] : ["--entry", `${engine}=${entry}:executable`]),
      ...(probe === undefined ? [] : [`--probe=${probe[0]}`, `--expect=${probe[1]}`]),
      ...words,
    ]);
  }

  async deploy(engine: string, version: string, validFrom: number): Promise<void> {
    await sound(["repo", "deploy", this.repository, `${engine}@${version}`, "--valid-from", `${validFrom}`]);
  }

  async sign(...words: readonly string[]): Promise<Ran> {
    return await sound(["repo", "sign", this.repository, "--keys-dir", this.keys, ...words]);
  }
}

export const HOST_PLATFORM = `${process.platform}-${process.arch}`;
