import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "./place.ts";

export interface RootedOptions {
  /** More lines of sh, run among the mounts. */
  readonly setUp?: readonly string[];
  /** In a user namespace too, which has its own register of foreign programs. */
  readonly users?: boolean;
  /** Without any network. */
  readonly offline?: boolean;
}

/**
 * A root folder in namespaces of its own: one process holds them, the others enter. What is mounted and registered there is gone
 * with the holder, and the host never sees it.
 */
export class Rooted implements Disposable {
  readonly #root: string;
  readonly #holder: ChildProcess;
  readonly #inner: number;
  readonly #kinds: readonly string[];

  private constructor(root: string, holder: ChildProcess, inner: number, kinds: readonly string[]) {
    this.#root = root;
    this.#holder = holder;
    this.#inner = inner;
    this.#kinds = kinds;
  }

  static async open(root: string, { setUp = [], users = false, offline = false }: RootedOptions = {}): Promise<Rooted> {
    const script = [
      "set -e",
      `mount --rbind /dev '${root}/dev'`,
      `mount -t proc proc '${root}/proc'`,
      ...setUp,
      "echo ready",
      "exec sleep 5400",
    ].join("\n");
    const shared = ["--mount", "--pid", ...(offline ? ["--net"] : [])];
    const made = [...shared, ...(users ? ["--user", "--map-root-user"] : [])];
    const holder = spawn("unshare", [...made, "--fork", "--kill-child", "sh", "-c", script], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = await firstWords(holder);
    if (said !== "ready\n") {
      holder.kill("SIGKILL");
      throw new Error(`no namespaces here: ${said.trim().split("\n").at(-1)}`);
    }
    holder.unref();
    for (const stream of [holder.stdout, holder.stderr]) stream?.destroy();
    const inner = Number(readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8"));
    return new Rooted(root, holder, inner, [...shared, ...(users ? ["--user", "--preserve-credentials"] : [])]);
  }

  through(words: readonly string[], env: Environment): readonly string[] {
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const enter = ["nsenter", "--target", `${this.#inner}`, ...this.#kinds];
    return [...enter, "chroot", this.#root, "env", "-i", ...settings, ...words];
  }

  inside(path: string): string {
    if (!path.startsWith(`${this.#root}/`)) throw new Error(`${path} is not below ${this.#root}.`);
    return path.slice(this.#root.length);
  }

  get work(): string {
    return join(this.#root, "work");
  }

  [Symbol.dispose](): void {
    this.#holder.kill("SIGKILL");
  }
}

function firstWords(holder: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let complaint = "";
    holder.stderr?.on("data", (bytes: Buffer) => (complaint += bytes.toString()));
    holder.stdout?.once("data", (bytes: Buffer) => resolve(bytes.toString()));
    holder.on("error", reject).on("exit", () => resolve(complaint));
  });
}
