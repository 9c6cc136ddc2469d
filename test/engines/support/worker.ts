import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** Evaluates a line in an xsnap worker, spoken to as Agoric does: netstrings in on descriptor 3, out on 4. Answers its reply. */
export async function evaluate(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  code: string,
): Promise<string> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
  });
  const [, , talk, into, from] = child.stdio as [null, null, Readable, Writable, Readable];
  const said: string[] = [];
  talk.on("data", (bytes: Buffer) => said.push(bytes.toString("utf8")));
  // a worker that never started closes its end
  into.on("error", () => {});
  into.write(`${code.length + 1}:e${code},`);
  const ended = new Promise<number | null>((done) => child.on("close", done));
  const reply = await new Promise<string>((done) => {
    from.once("data", (bytes: Buffer) => done(bytes.toString("utf8")));
    from.once("close", () => done(""));
  });
  into.end();
  const status = await ended;
  if (reply === "") throw new Error(`The worker did not answer, exit ${status}: ${said.join("")}`);
  return reply.replace(/^\d+:/, "");
}
