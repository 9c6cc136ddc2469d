import type { Choice } from "./choose-version.ts";
import type { Generation, Installation } from "./model/home.ts";
import type { Deployment, Epoch, Manifest, Sha256, Version } from "./model/manifest.ts";
import type { Resolution } from "./model/resolution.ts";
import { releaseName } from "./release-name.ts";
import { type Question, resolutionOf, resolve } from "./resolve.ts";
import { alwaysInEffect } from "./schedule.ts";

/** What a pin names. One object for all pins to the same release: the resolver knows it by identity. */
export interface PinnedRelease {
  readonly version: Version;
  readonly tree: Sha256;
}

export interface ResolverQuestion {
  readonly engine: string;
  /** A whole number from 0. */
  readonly epoch?: Epoch | undefined;
  readonly pinned?: PinnedRelease | undefined;
  readonly tenant?: string | undefined;
  readonly version?: Version | undefined;
  readonly entry?: string | undefined;
}

/**
 * `resolve` for one generation, made for many questions: the same answers and the same errors. Answers are made once by `finish`
 * and kept; of their `epoch` only whether it is null counts, for one answer serves many epochs. Cost: a search in the engine's
 * sorted deployments, or two looks into a map; in memory some 100 bytes for each installation, deployment and answer.
 */
export type Resolver<T> = (question: ResolverQuestion) => T;

export function resolverOf<T>(
  facts: { readonly generation: Generation; readonly manifest: Manifest },
  finish: (resolution: Resolution) => T,
): Resolver<T> {
  const installed = new Map(facts.generation.installations.map((one) => [releaseName(one), one]));
  const engines = new Map<string, EngineAnswers<T>>();

  function answersOf(engine: string): EngineAnswers<T> {
    const known = engines.get(engine);
    if (known !== undefined) return known;
    const { manifest, generation } = facts;
    const deployments = Object.hasOwn(manifest.engines, engine) ? (manifest.engines[engine]?.deployments ?? []) : [];
    const answers = engineAnswers<T>(deployments);
    // a name that nobody knows is not kept: who asks may be anybody
    if (Object.hasOwn(manifest.engines, engine) || generation.installations.some((one) => one.engine === engine)) {
      engines.set(engine, answers);
    }
    return answers;
  }

  /** The whole way: for the first time, and for whatever ends in an error. */
  function make({ pinned, ...asked }: ResolverQuestion, choice: Choice | undefined): T {
    const pin = pinned === undefined ? undefined : { ...pinned, tenant: asked.tenant ?? "" };
    const question: Question = { ...facts, ...asked, pin };
    const installation: Installation | undefined =
      choice === undefined ? undefined : installed.get(releaseName({ engine: asked.engine, version: choice.version }));
    if (choice === undefined || installation === undefined) return finish(resolve(question));
    return finish(resolutionOf(question, choice, installation));
  }

  return (question) => {
    const answers = answersOf(question.engine);
    const place = placeOf(answers, question);
    if (place === undefined) return make(question, undefined);
    const { entry } = question;
    const kept = entry === undefined ? place.answer : place.named?.get(entry);
    if (kept !== undefined) return kept;
    const made = make(question, choiceAt(place, question));
    // kept only now: what is asked for and is not there may be anything
    if (question.version !== undefined) answers.explicit.set(question.version, place);
    if (entry === undefined) place.answer = made;
    else {
      place.named ??= new Map();
      place.named.set(entry, made);
    }
    return made;
  };
}

/** Where the answers for one choice are kept. */
interface Place<T> {
  /** Undefined: the choice is to be made by `resolve`. */
  readonly deployment: Deployment | undefined;
  /** Of the entry point that runs where none is named. */
  answer: T | undefined;
  named: Map<string, T> | undefined;
}

interface EngineAnswers<T> {
  /** Ascending, and the places that belong to them. */
  readonly from: readonly Epoch[];
  readonly places: readonly Place<T>[];
  /** Of the one release that answers for every epoch, or of the one selected. */
  readonly constant: Place<T> | undefined;
  readonly pinned: Map<PinnedRelease, Place<T>>;
  readonly explicit: Map<Version, Place<T>>;
}

function engineAnswers<T>(deployments: readonly Deployment[]): EngineAnswers<T> {
  const sorted = deployments.toSorted((one, other) => one.validFrom - other.validFrom);
  const always = alwaysInEffect(deployments);
  return {
    from: sorted.map(({ validFrom }) => validFrom),
    places: sorted.map((deployment) => newPlace(deployment)),
    constant: deployments.length === 0 || always !== undefined ? newPlace(always) : undefined,
    pinned: new Map(),
    explicit: new Map(),
  };
}

function newPlace<T>(deployment?: Deployment): Place<T> {
  return { deployment, answer: undefined, named: undefined };
}

/** Undefined where nothing is kept: nothing is in effect, the epoch is unknown, or a version is asked for beside a pin. */
function placeOf<T>(answers: EngineAnswers<T>, question: ResolverQuestion): Place<T> | undefined {
  const { pinned, version, epoch } = question;
  if (version !== undefined) return pinned === undefined ? (answers.explicit.get(version) ?? newPlace()) : undefined;
  if (pinned !== undefined) return pinnedPlace(answers, pinned);
  if (answers.constant !== undefined) return answers.constant;
  return epoch === undefined ? undefined : answers.places[lastUpTo(answers.from, epoch)];
}

function pinnedPlace<T>({ pinned }: EngineAnswers<T>, release: PinnedRelease): Place<T> {
  const known = pinned.get(release);
  if (known !== undefined) return known;
  const place = newPlace<T>();
  pinned.set(release, place);
  return place;
}

/** The index of the greatest that is not above `epoch`; -1 where all are. */
function lastUpTo(from: readonly Epoch[], epoch: Epoch): number {
  let low = 0;
  let high = from.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((from[middle] as Epoch) <= epoch) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function choiceAt<T>({ deployment }: Place<T>, { epoch }: ResolverQuestion): Choice | undefined {
  if (deployment === undefined) return undefined;
  return { version: deployment.version, epoch: epoch ?? null, because: "schedule" };
}
