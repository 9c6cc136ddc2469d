import { parse } from "node:path";
import { epochOfText, unreadable } from "../../core/epoch-reading.ts";
import type { CommandSource } from "../../core/epoch-source.ts";
import { quote } from "../../core/quote.ts";
import type { ChildProcess, RunResult } from "../../ports/child-process.ts";
import type { EpochSource } from "../../ports/epoch-source.ts";
import { boundedSource } from "./deadline.ts";

const MAX_OUTPUT_BYTES = 64 * 1024;

/** A program that prints a whole number. It gets this environment without our secrets, and the root of the disk as its folder. */
export function commandSource(
  spec: CommandSource,
  children: ChildProcess,
  env: Readonly<Record<string, string | undefined>>,
): EpochSource {
  const { name, program, args } = spec;
  return boundedSource(name, async ({ signal, timeoutMs }) => {
    const result = await children.run(program, args, {
      env: withoutSecrets(env),
      cwd: parse(process.execPath).root,
      timeoutMs,
      signal,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      talk: "apart",
    });
    if (result.outcome !== "exit" || result.status !== 0) throw unreadable(name, problemOf(result));
    return { epoch: epochOfText(name, Buffer.from(result.output), "any") };
  });
}

function withoutSecrets(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const known = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(known.filter(([variable]) => variable !== "ENGINERY_PASSPHRASE"));
}

function problemOf(result: RunResult): string {
  if (result.outcome === "not-started") return `cannot be started: ${result.reason}`;
  if (result.outcome === "timeout") return "did not end in time";
  const how = result.outcome === "exit" ? `ended with status ${result.status}` : `was ended by ${result.signal}`;
  const talk = result.talk?.trim() ?? "";
  return talk === "" ? how : `${how} and said ${quote(talk)}`;
}
