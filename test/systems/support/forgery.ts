import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment, Engine, Manifest } from "../../../src/core/model/manifest.ts";
import { enginery, type Ran } from "../../engines/support/command.ts";
import { contentOf } from "../../engines/support/folders.ts";
import { keyFiles, republish, sha256 } from "../../engines/support/forge.ts";
import { type StaticServer, serveFolder } from "../../engines/support/static-server.ts";
import type { XsnapChannel } from "./xsnap-channel.ts";

/** One published channel behind one address, where its copies can be served in its place; homes that follow the address. */
export class Forgery implements AsyncDisposable {
  readonly channel: XsnapChannel;
  readonly server: StaticServer;
  #served: string;
  #copies = 0;

  static async begin(channel: XsnapChannel): Promise<Forgery> {
    const forgery: Forgery = new Forgery(channel, await serveFolder(() => forgery.#served));
    return forgery;
  }

  private constructor(channel: XsnapChannel, server: StaticServer) {
    this.channel = channel;
    this.server = server;
    this.#served = channel.publisher.repository;
  }

  async install(name: string, epoch?: number): Promise<string> {
    return await this.channel.install(name, epoch, this.server.url);
  }

  /** A copy of this folder, to do harm to. */
  copy(folder: string): string {
    const copy = join(this.channel.work, `copy-${++this.#copies}`);
    cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
    return copy;
  }

  serve(folder: string): void {
    this.#served = folder;
  }

  /**
   * `upgrade` of a copy of `home` when the publisher's own keys sign this change as the next manifest, past the publisher's
   * verbs: every signature and link of the chain is right. Answers whether the home is byte for byte as before.
   */
  async upgradeTo(
    home: string,
    publishedEpoch: number | null,
    change: (manifest: Manifest) => Manifest,
    words: readonly string[] = [],
  ): Promise<{ readonly ran: Ran; readonly home: string; readonly untouched: boolean }> {
    const { publisher } = this.channel;
    const forged = this.copy(publisher.repository);
    const previous = sha256(readFileSync(join(forged, "targets", "channels", `${publisher.channel}.json`)));
    republish(forged, keyFiles(publisher.keys), publisher.channel, (manifest) =>
      change({ ...manifest, serial: manifest.serial + 1, previous, publishedEpoch }),
    );
    this.serve(forged);
    const copy = this.copy(home);
    const before = lasting(copy);
    const ran = await enginery(["upgrade", "--json", ...words], { home: copy });
    const after = lasting(copy);
    const untouched = JSON.stringify([...after]) === JSON.stringify([...before]);
    return { ran, home: copy, untouched };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

/** The manifest with this schedule of xsnap: versions and epochs, in that order. */
export function scheduled(manifest: Manifest, ...rows: readonly (readonly [string, number])[]): Manifest {
  return withXsnap(manifest, (engine) => ({
    ...engine,
    deployments: rows.map(([version, validFrom]): Deployment => ({ version, validFrom })),
  }));
}

export function withXsnap(manifest: Manifest, change: (engine: Engine) => Engine): Manifest {
  const { xsnap } = manifest.engines;
  if (xsnap === undefined) throw new Error("no xsnap");
  return { ...manifest, engines: { ...manifest.engines, xsnap: change(xsnap) } };
}

/** All but what may be thrown away at any time. */
function lasting(home: string): ReadonlyMap<string, string> {
  return new Map([...contentOf(home)].filter(([path]) => !/^(cache|staging)(\/|$)/.test(path)));
}
