import { EngineryError } from "../../core/errors.ts";
import { redacted, webProblem } from "../../core/location.ts";
import type { Webhook, WebhookOptions } from "../../ports/webhook.ts";
import { credentialsOf } from "../fetch/credentials.ts";
import { createWebClient, proxiesOf, type WebClient } from "../fetch/web-client.ts";
import { translateWebError } from "../fetch/web-errors.ts";

export interface WebhookSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
}

const CONNECT_MS = 10_000;

export function createWebhook({ env, userAgent }: WebhookSettings): Webhook {
  const timeouts = { connectMs: CONNECT_MS, headersMs: 60_000, idleMs: 60_000 };
  const client = createWebClient({ userAgent, timeouts, proxies: proxiesOf(env) });
  return { post: (url, document, options) => post(client, url, document, options) };
}

async function post(client: WebClient, text: string, document: unknown, options: WebhookOptions): Promise<void> {
  const url = allowed(text, options);
  const headers = {
    "content-type": "application/json",
    ...credentialsOf(url)(url),
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
  };
  const signal = AbortSignal.timeout(options.timeoutMs);
  const status = await ask(client, url, headers, JSON.stringify(document), signal, options.timeoutMs);
  if (status >= 200 && status < 300) return;
  const why = status >= 300 && status < 400 ? ", and an alarm is not sent on" : "";
  // providers put keys into the path as well
  throw new EngineryError("http-status", `The webhook at ${url.origin} answers with HTTP ${status}${why}.`, {
    context: { origin: url.origin, status },
  });
}

async function ask(
  client: WebClient,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<number> {
  try {
    const answer = await client.ask(url, headers, { post: body, signal, single: true });
    answer.cancel();
    return answer.status;
  } catch (error) {
    if (!signal.aborted) throw translateWebError(error, new URL(url.origin));
    throw new EngineryError("timeout", `The webhook at ${url.origin} did not answer within ${timeoutMs / 1000} s.`, {
      context: { origin: url.origin },
    });
  }
}

/** Errors: `source-refused`. */
function allowed(text: string, { allowHttp }: WebhookOptions): URL {
  const url = URL.parse(text);
  const problem = url === null ? "is not an address" : webProblem(url, { allowHttp });
  if (url !== null && problem === undefined) return url;
  throw new EngineryError("source-refused", `The webhook ${redacted(text)} ${problem ?? ""}.`);
}
