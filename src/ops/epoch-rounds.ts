import { epochByQuorum, isDecided, type QuorumAnswer, type SourceOutcome } from "../core/epoch-quorum.ts";
import { isEngineryError } from "../core/errors.ts";
import type { EpochSource, World } from "./world.ts";

/** What an endpoint that is slower than the others has after the epoch is decided. */
export const GRACE_MS = 1000;

interface Endpoint {
  readonly source: EpochSource;
  /** A question that is out still: it is not asked twice at a time. */
  asked: Promise<SourceOutcome> | undefined;
  /** What its last question came to. */
  last: SourceOutcome | undefined;
}

export interface RoundRules {
  readonly quorum: number;
  readonly timeoutMs: number;
  readonly timer: World["timer"];
}

/**
 * A function that asks all of them and answers with the epoch that all together would give. Whoever is slow is not waited for once that is
 * decided, and is heard out: an endpoint that never answers is found to fail, rounds later, as surely as one that refuses.
 */
export function roundsOf(
  sources: readonly EpochSource[],
  rules: RoundRules,
): (signal: AbortSignal) => Promise<QuorumAnswer> {
  const endpoints = sources.map((source): Endpoint => ({ source, asked: undefined, last: undefined }));
  return (signal) => round(endpoints, rules, signal);
}

async function round(endpoints: readonly Endpoint[], rules: RoundRules, signal: AbortSignal): Promise<QuorumAnswer> {
  const { quorum, timer } = rules;
  const heard = new Map<Endpoint, SourceOutcome>();
  const enough = new AbortController();
  const { promise: graceOver, resolve: endGrace } = Promise.withResolvers<void>();
  const all = Promise.all(
    endpoints.map(async (endpoint) => {
      heard.set(endpoint, await ask(endpoint, rules, signal));
      const pending = endpoints.length - heard.size;
      if (pending === 0 || !isDecided([...heard.values()], pending, quorum)) return;
      void timer.sleep(GRACE_MS, enough.signal).then(endGrace);
    }),
  );
  await Promise.race([all, graceOver]);
  enough.abort();
  return epochByQuorum(
    endpoints.map((endpoint) => heard.get(endpoint) ?? unheard(endpoint)),
    quorum,
  );
}

function ask(endpoint: Endpoint, { timeoutMs }: RoundRules, signal: AbortSignal): Promise<SourceOutcome> {
  endpoint.asked ??= outcomeOf(endpoint.source, timeoutMs, signal)
    .then((outcome) => {
      endpoint.last = outcome;
      return outcome;
    })
    .finally(() => {
      endpoint.asked = undefined;
    });
  return endpoint.asked;
}

/** One that failed when it was last heard out fails until it answers. */
function unheard({ source: { name }, last }: Endpoint): SourceOutcome {
  if (last !== undefined && "problem" in last) return last;
  return { name, problem: `${name} told nothing within ${GRACE_MS / 1000} s after enough others had.`, late: true };
}

async function outcomeOf(source: EpochSource, timeoutMs: number, signal: AbortSignal): Promise<SourceOutcome> {
  try {
    return { name: source.name, ...(await source.read({ timeoutMs, signal })) };
  } catch (error) {
    if (!isEngineryError(error, "epoch-unreadable")) throw error;
    return { name: source.name, problem: error.message };
  }
}
