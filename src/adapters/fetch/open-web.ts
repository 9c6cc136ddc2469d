import { EngineryError } from "../../core/errors.ts";
import { followRedirect, redacted } from "../../core/location.ts";
import { quote } from "../../core/quote.ts";
import type { FetchedBody, FetchOptions } from "../../ports/fetcher.ts";
import type { Timeouts, WebAnswer, WebClient } from "./web-client.ts";
import { networkError, statusError, translateWebError } from "./web-errors.ts";

export interface WebRules {
  readonly client: WebClient;
  readonly timeouts: Timeouts;
  /** Whether a redirect may lead to another https: origin. */
  readonly otherOrigins: boolean;
  /** Headers of their own for a URL: credentials that are meant for it and for no other. */
  readonly headersFor: (url: URL) => Readonly<Record<string, string>>;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const MAX_REDIRECTS = 5;
const BACKOFF_MS = [300, 1500];
const MAX_RETRY_AFTER_MS = 30_000;
const REDIRECTS = [301, 302, 303, 307, 308];
const PASSING = [429, 500, 502, 503, 504];

/**
 * Opens a URL: redirects within the rules, ranges checked, sizes and times bounded, up to three tries before the first byte of the body has
 * come and none after it. Errors: `missing`, `http-status`, `network`, `timeout`, `redirect-refused`, `length-mismatch`.
 */
export async function openWeb(rules: WebRules, start: URL, options: FetchOptions): Promise<FetchedBody> {
  for (let tried = 0; ; tried += 1) {
    const outcome = await openOnce(rules, start, options);
    if ("body" in outcome) return outcome.body;
    const backoff = BACKOFF_MS[tried];
    if (outcome.retryAfterMs === undefined || backoff === undefined) throw outcome.error;
    await rules.sleep(Math.max(backoff, outcome.retryAfterMs));
  }
}

type Outcome =
  | { readonly body: FetchedBody }
  /** `retryAfterMs` undefined: trying again would not help. */
  | { readonly error: EngineryError; readonly retryAfterMs: number | undefined };

async function openOnce(rules: WebRules, start: URL, options: FetchOptions): Promise<Outcome> {
  let url = start;
  try {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const answer = await rules.client.ask(url, { ...rangeHeader(options), ...rules.headersFor(url) });
      const taken = await take(answer, url, rules, options);
      if (taken !== "redirect") return taken;
      answer.cancel();
      url = followRedirect(url, answer.header("location"), rules);
    }
  } catch (error) {
    const translated = translateWebError(error, url);
    return { error: translated, retryAfterMs: translated.code === "network" ? 0 : undefined };
  }
  const message = `${redacted(start.href)} sends us on more than ${MAX_REDIRECTS} times.`;
  return { error: new EngineryError("redirect-refused", message), retryAfterMs: undefined };
}

async function take(
  answer: WebAnswer,
  url: URL,
  rules: WebRules,
  options: FetchOptions,
): Promise<Outcome | "redirect"> {
  if (REDIRECTS.includes(answer.status)) return "redirect";
  const problem = answerProblem(answer, url, options);
  if (problem !== undefined) {
    answer.cancel();
    return { error: problem, retryAfterMs: PASSING.includes(answer.status) ? retryAfter(answer) : undefined };
  }
  const start = answer.status === 206 ? (options.start ?? 0) : 0;
  const chunks = bounded(answer, url, rules.timeouts, start, options.maxBytes ?? Number.POSITIVE_INFINITY);
  // The first chunk is waited for here: until it has come, another try costs nothing.
  const first = await chunks.next();
  return { body: { start, chunks: resumed(first, chunks) } };
}

function answerProblem(answer: WebAnswer, url: URL, options: FetchOptions): EngineryError | undefined {
  const { status } = answer;
  const wantsRange = (options.start ?? 0) > 0;
  if (status !== 200 && status !== 206)
    return status >= 400 ? statusError(status, url) : networkError(url, `answered with HTTP ${status}`);
  const encoding = answer.header("content-encoding");
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    return networkError(url, `sends the content encoding ${quote(encoding)} although none was asked for`);
  }
  if (status === 206 && (!wantsRange || !isWantedRange(answer.header("content-range"), options.start ?? 0))) {
    return networkError(url, `sends another range (${quote(answer.header("content-range") ?? "")}) than was asked for`);
  }
  const announced = Number(answer.header("content-length") ?? 0) + (status === 206 ? (options.start ?? 0) : 0);
  return announced > (options.maxBytes ?? Number.POSITIVE_INFINITY) ? tooLong(url, options.maxBytes) : undefined;
}

/** RFC 9110, 14.4: from where we asked to the very end. */
function isWantedRange(header: string | undefined, start: number): boolean {
  const [, first, last, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(header ?? "") ?? [];
  if (Number(first) !== start || Number(last) < start) return false;
  return total === "*" || Number(total) === Number(last) + 1;
}

const rangeHeader = ({ start = 0 }: FetchOptions): Record<string, string> =>
  start > 0 ? { range: `bytes=${start}-` } : {};

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfter(answer: WebAnswer): number {
  const header = answer.header("retry-after");
  if (header === undefined) return 0;
  const wait = /^\d{1,6}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Math.min(MAX_RETRY_AFTER_MS, Math.max(0, Number.isNaN(wait) ? 0 : wait));
}

async function* bounded(
  answer: WebAnswer,
  url: URL,
  timeouts: Timeouts,
  start: number,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const pace = createPace(timeouts, url);
  let end = start;
  try {
    pace.wait();
    for await (const chunk of answer.body) {
      end += chunk.length;
      if (end > maxBytes) throw tooLong(url, maxBytes);
      pace.arrived(chunk.length);
      yield chunk;
      pace.wait();
    }
  } catch (error) {
    throw translateWebError(error, url);
  } finally {
    answer.cancel();
  }
}

/** Counts only the time in which we wait for the server, not that in which our own disk is slow. */
function createPace({ trickleMs, slowestBytesPerSecond }: Timeouts, url: URL) {
  let waited = 0;
  let bytes = 0;
  let since = 0;
  return {
    wait: () => {
      since = performance.now();
    },
    arrived: (count: number) => {
      waited += performance.now() - since;
      bytes += count;
      if (waited < trickleMs) return;
      if (bytes < (slowestBytesPerSecond * waited) / 1000) {
        const message = `${redacted(url.href)} sends less than ${slowestBytesPerSecond} bytes a second.`;
        throw new EngineryError("timeout", message, { context: { location: redacted(url.href) } });
      }
      waited = 0;
      bytes = 0;
    },
  };
}

async function* resumed(
  first: IteratorResult<Uint8Array>,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    if (first.done === true) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function tooLong(url: URL, maxBytes: number | undefined): EngineryError {
  const where = redacted(url.href);
  return new EngineryError("length-mismatch", `${where} has more than the ${maxBytes} bytes that are allowed.`, {
    context: { location: where, maxBytes },
  });
}
