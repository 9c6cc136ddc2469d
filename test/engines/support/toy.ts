import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answer, sound } from "./command.ts";
import { Publisher } from "./publisher.ts";
import { type StaticServer, serveFolder } from "./static-server.ts";

/**
 * A channel with an engine of two lines of shell, where the engine is not what matters. `serve` puts another folder behind the
 * same address: what an attacker, or a careless copy, would put there.
 */
export class Toy {
  readonly work: string;
  readonly publisher: Publisher;
  readonly server: StaticServer;
  #served: string;
  #copies = 0;

  static async start(): Promise<Toy> {
    const toy: Toy = new Toy(await serveFolder(() => toy.#served));
    return toy;
  }

  private constructor(server: StaticServer) {
    this.work = mkdtempSync(join(tmpdir(), "enginery-toy-"));
    this.publisher = new Publisher(this.work, "toys");
    this.server = server;
    this.#served = this.publisher.repository;
  }

  async publish(version: string, validFrom: number): Promise<void> {
    const tree = join(this.work, `tree-${version}`);
    mkdirSync(tree);
    writeFileSync(join(tree, "toy"), `#!/bin/sh\necho "toy ${version}" "$@"\n`);
    chmodSync(join(tree, "toy"), 0o755);
    // incompressible, so that a flipped bit in the archive lands in content
    writeFileSync(join(tree, "data.bin"), noise(version));
    await this.publisher.add({
      engine: "toy",
      version,
      from: { tree },
      entry: "toy",
      probe: ["--version", `^toy ${version}`],
    });
    await this.publisher.deploy("toy", version, validFrom);
  }

  serve(folder: string): void {
    this.#served = folder;
    this.server.log.length = 0;
  }

  /** A copy of the repository (or of `from`) to do harm to. */
  copy(from: string = this.publisher.repository): string {
    const folder = join(this.work, `copy-${++this.#copies}`);
    cpSync(from, folder, { recursive: true });
    return folder;
  }

  /** A home that follows what is served now. */
  async install(root: string): Promise<string> {
    const home = join(this.work, `home-${++this.#copies}`);
    await answer(["install", "--from", this.server.url, "--channel", "toys", "--root", root], { home });
    await sound(["observe", "50"], { home });
    return home;
  }

  async stop(): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    rmSync(this.work, { recursive: true, force: true });
  }
}

/** The same for the same seed. */
function noise(seed: string): Uint8Array {
  let state = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 1);
  return Uint8Array.from({ length: 50_000 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}
