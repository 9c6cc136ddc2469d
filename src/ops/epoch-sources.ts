import { type QuorumAnswer, quorumOf } from "../core/epoch-quorum.ts";
import { type EpochSourceSpec, parseEpochSource } from "../core/epoch-source.ts";
import { EngineryError, type ErrorCode } from "../core/errors.ts";
import type { Config } from "../core/model/home.ts";
import { roundsOf } from "./epoch-rounds.ts";
import type { SourcesRequest } from "./operator.ts";
import type { World } from "./world.ts";

/** The endpoints that say the epoch together. */
export interface EpochSources {
  readonly names: readonly string[];
  readonly quorum: number;
  /**
   * Asks all at once, each within its time; an endpoint that fails is an outcome and no error. Once no answer that is out can change the
   * epoch the others have a second more. They are heard out beside the caller, until `signal` is aborted.
   */
  read(signal: AbortSignal): Promise<QuorumAnswer>;
}

const TIMEOUT_SECONDS = 10;

/**
 * As said on the command line or in the environment, else in config.json. Opens no connection. Errors: `usage` or
 * `config-invalid` for what is said wrongly or not at all, `source-refused` for plain http: to others, `offline`.
 */
export async function openEpochSources(
  world: World,
  config: Pick<Config, "epochSources" | "epochQuorum" | "epochTimeoutSeconds" | "allowHttp">,
  request: SourcesRequest,
): Promise<EpochSources> {
  const [texts, code] = saidSources(config, request);
  const specs = parseSources(texts, { code, allowHttp: request.allowHttp || config.allowHttp === true });
  if (request.offline) requireLocal(specs);
  const quorum = quorumOf(specs.length, request.quorum ?? config.epochQuorum, quorumCode(request));
  const timeoutMs = (request.timeoutSeconds ?? config.epochTimeoutSeconds ?? TIMEOUT_SECONDS) * 1000;
  const sources = await Promise.all(specs.map((spec) => world.epochSource(spec)));
  return {
    names: specs.map(({ name }) => name),
    quorum,
    read: roundsOf(sources, { quorum, timeoutMs, timer: world.timer }),
  };
}

/** Why `answer` holds no epoch. Errors as it is: `epoch-unreadable` where no endpoint told one, `epoch-unknown` where too few did. */
export function unknownEpoch(answer: QuorumAnswer & { readonly epoch: undefined }): EngineryError {
  const told = answer.outcomes.filter((outcome) => "epoch" in outcome).length;
  return new EngineryError(told === 0 ? "epoch-unreadable" : "epoch-unknown", answer.problem, {
    hint: "Check the sources; until then say the epoch: enginery observe EPOCH",
    context: { sources: answer.outcomes },
  });
}

/** Errors: `code` for what is said wrongly or twice, `source-refused` for plain http: to others. */
export function parseSources(
  texts: readonly string[],
  rules: { readonly code: ErrorCode; readonly allowHttp: boolean },
): readonly EpochSourceSpec[] {
  const specs = texts.map((text) => parseEpochSource(text, rules));
  requireDifferent(specs, rules.code);
  return specs;
}

function saidSources(
  config: Pick<Config, "epochSources">,
  { sources }: SourcesRequest,
): readonly [readonly string[], ErrorCode] {
  if (sources.length > 0) return [sources, "usage"];
  if (config.epochSources !== undefined && config.epochSources.length > 0)
    return [config.epochSources, "config-invalid"];
  throw new EngineryError("usage", "No epoch is said, and no epoch source is named.", {
    hint: "Say the epoch, or name a source: --source SOURCE, or epochSources in config.json.",
  });
}

function quorumCode({ quorum }: SourcesRequest): ErrorCode {
  return quorum === undefined ? "config-invalid" : "usage";
}

/** One endpoint that is named twice would speak with two voices. */
function requireDifferent(specs: readonly EpochSourceSpec[], code: ErrorCode): void {
  const seen = new Set<string>();
  for (const spec of specs) {
    const { name, ...endpoint } = spec;
    const key = JSON.stringify(endpoint);
    if (seen.has(key)) {
      throw new EngineryError(code, `The epoch source ${name} is named twice.`, {
        hint: "Name each endpoint once: a quorum counts endpoints.",
      });
    }
    seen.add(key);
  }
}

function requireLocal(specs: readonly EpochSourceSpec[]): void {
  const remote = specs.find(({ kind }) => kind !== "file" && kind !== "command");
  if (remote === undefined) return;
  throw new EngineryError("offline", `The epoch source ${remote.name} needs the network, which is not to be used.`);
}
