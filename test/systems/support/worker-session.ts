import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { plainEnvironment } from "../../engines/support/command.ts";

/** An xsnap worker that stays: netstrings in on descriptor 3, out on 4, as Agoric speaks to it. Ends when disposed. */
export class WorkerSession implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #said = "";
  #received = Buffer.alloc(0);

  /** Through `program`: bin/enginery, a launcher, or the worker itself. */
  constructor(program: string, args: readonly string[], home: string, env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(program, args, {
      env: { ...plainEnvironment(), ENGINERY_HOME: home, ...env },
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    });
    this.#ended = new Promise((done, fail) => this.#child.on("close", done).on("error", fail));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (bytes: Buffer) => {
        this.#said += bytes.toString("utf8");
      });
    }
    // a worker that never started closes its ends
    this.#into.on("error", () => {});
  }

  /** Where the process was replaced, the worker's own. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`It did not start. ${this.#said}`);
    return this.#child.pid;
  }

  /** Runs a script. */
  async run(script: string): Promise<void> {
    const reply = await this.#ask(`e${script}`);
    if (!reply.startsWith(".")) throw new Error(`The script failed: ${reply}`);
  }

  /** The value of an expression in ASCII. */
  async value(expression: string): Promise<string> {
    const bytes = `new Uint8Array(Array.from(String(${expression}), (letter) => letter.charCodeAt(0)))`;
    const reply = await this.#ask(`e({ result: ${bytes}.buffer })`);
    if (!reply.startsWith(".")) throw new Error(`The expression failed: ${reply}`);
    // a record of the meter comes first
    return reply.slice(reply.indexOf("\u0001") + 1);
  }

  async snapshot(file: string): Promise<void> {
    const reply = await this.#ask(`w${file}`);
    if (!reply.startsWith(".")) throw new Error(`No snapshot: ${reply}`);
  }

  /** Its exit status, and all that it said aside. */
  async end(): Promise<{ readonly status: number | null; readonly said: string }> {
    this.#into.end();
    return { status: await this.#ended, said: this.#said };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  get #into(): Writable {
    return this.#child.stdio[3] as Writable;
  }

  async #ask(request: string): Promise<string> {
    const from = this.#child.stdio[4] as Readable;
    this.#into.write(`${Buffer.byteLength(request)}:${request},`);
    for (;;) {
      const reply = this.#takeReply();
      if (reply !== undefined) return reply;
      const [bytes] = (await Promise.race([once(from, "data"), once(from, "close")])) as [Buffer?];
      if (bytes === undefined) throw new Error(`The worker is gone, exit ${await this.#ended}: ${this.#said}`);
      this.#received = Buffer.concat([this.#received, bytes]);
    }
  }

  #takeReply(): string | undefined {
    const colon = this.#received.indexOf(":");
    if (colon < 0) return undefined;
    const end = colon + 1 + Number(this.#received.toString("latin1", 0, colon));
    if (this.#received.length < end + 1) return undefined;
    const reply = this.#received.toString("utf8", colon + 1, end);
    this.#received = this.#received.subarray(end + 1);
    return reply;
  }
}
