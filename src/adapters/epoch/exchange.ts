import { MAX_ANSWER_BYTES, unreadable } from "../../core/epoch-reading.ts";
import { followRedirect } from "../../core/location.ts";
import { quote } from "../../core/quote.ts";
import { credentialsOf } from "../fetch/credentials.ts";
import type { WebAnswer, WebClient } from "../fetch/web-client.ts";
import { translateWebError } from "../fetch/web-errors.ts";

export interface Exchange {
  readonly client: WebClient;
  /** Of the source, for errors. */
  readonly name: string;
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * The whole body of one answer, at most 1 MiB, tried once: whoever polls asks again. A question (GET) is sent on within its own
 * origin, a POST never. Errors: `epoch-unreadable`, with no more of the address than its origin.
 */
export async function bodyOf(exchange: Exchange, start: URL, post?: string): Promise<Uint8Array> {
  const { client, name, signal } = exchange;
  const headersFor = credentialsOf(start);
  const more = { signal, single: true, ...(post === undefined ? {} : { post }) } as const;
  let url = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const kind = post === undefined ? {} : { "content-type": "application/json" };
    const answer = await asking(url, () => client.ask(url, { ...headersFor(url), ...kind }, more));
    try {
      if (!REDIRECTS.includes(answer.status)) return await asking(url, () => wholeBody(answer, name));
      if (post !== undefined)
        throw unreadable(name, `answers with HTTP ${answer.status}, and a question is not sent on`);
      url = onward(name, url, answer);
    } finally {
      answer.cancel();
    }
  }
  throw unreadable(name, `sends us on more than ${MAX_REDIRECTS} times`);
}

/** What is said of a broken exchange names the origin alone: providers put keys into paths. */
export async function asking<T>(url: URL, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw translateWebError(error, new URL(`${url.protocol}//${url.host}`));
  }
}

function onward(name: string, from: URL, answer: WebAnswer): URL {
  try {
    return followRedirect(from, answer.header("location"), { otherOrigins: false });
  } catch {
    throw unreadable(name, "sends us to another origin, which is not followed");
  }
}

async function wholeBody(answer: WebAnswer, name: string): Promise<Uint8Array> {
  const encoding = answer.header("content-encoding")?.toLowerCase() ?? "identity";
  if (answer.status !== 200) throw unreadable(name, `answers with HTTP ${answer.status}`);
  if (encoding !== "identity")
    throw unreadable(name, `sends the content encoding ${quote(encoding)}, and none was asked for`);
  const tooMuch = unreadable(name, `sends more than ${MAX_ANSWER_BYTES} bytes`);
  if (Number(answer.header("content-length") ?? 0) > MAX_ANSWER_BYTES) throw tooMuch;
  const chunks: Uint8Array[] = [];
  let room = MAX_ANSWER_BYTES;
  for await (const chunk of answer.body) {
    room -= chunk.length;
    if (room < 0) throw tooMuch;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
