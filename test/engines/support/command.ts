import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { killTree } from "../../support/kill-tree.ts";

export const CHECKOUT = fileURLToPath(new URL("../../..", import.meta.url));

export interface Ran {
  /** What was asked, for messages. */
  readonly words: string;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What runs instead of bin/enginery: a launcher. */
  readonly program?: string;
  /** Run by way of this command: `["unshare", "-n"]`. */
  readonly through?: readonly string[];
}

/** An install of real engines takes less than a minute. */
const PATIENCE_MS = 10 * 60_000;

/** bin/enginery in a process of its own, without a terminal and without the caller's own settings. */
export async function enginery(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const env = {
    ...plainEnvironment(),
    ...(options.home === undefined ? {} : { ENGINERY_HOME: options.home }),
    ...options.env,
  };
  const [command = "", ...words] = [
    ...(options.through ?? []),
    options.program ?? join(CHECKOUT, "bin", "enginery"),
    ...args,
  ];
  const child = spawn(command, words, {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const patience = setTimeout(() => killTree(child), PATIENCE_MS);
  const [stdout, stderr, status] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((done, fail) => child.on("close", done).on("error", fail)),
  ]).finally(() => clearTimeout(patience));
  return { words: `${options.program ?? "enginery"} ${args.join(" ")}`, status, stdout, stderr };
}

/** The environment without the caller's own settings. */
export function plainEnvironment(): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !/^(ENGINERY_|NODE_|npm_)/.test(name));
  return { ...Object.fromEntries(own), RUST_BACKTRACE: "0" };
}

/** As `enginery`; any other exit status than 0 fails the case with all that was said. */
export async function sound(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const ran = await enginery(args, options);
  if (ran.status !== 0) throw new Error(told(ran));
  return ran;
}

/** The JSON document of a command that must succeed. */
export async function answer<T>(args: readonly string[], options: RunOptions = {}): Promise<T> {
  return jsonOf<T>(await sound([...args, "--json"], options));
}

export function jsonOf<T>(ran: Ran): T {
  try {
    return JSON.parse(ran.stdout) as T;
  } catch {
    throw new Error(`No JSON on stdout. ${told(ran)}`);
  }
}

export function told({ words, status, stdout, stderr }: Ran): string {
  return `${words}\nexit ${status}\n--- stdout\n${stdout}--- stderr\n${stderr}`;
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
