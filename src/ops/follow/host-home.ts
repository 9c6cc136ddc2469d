import { checkEpoch } from "../../core/epoch.ts";
import { EngineryError, isEngineryError } from "../../core/errors.ts";
import type { EntryPoint, Epoch, Sha256, Version } from "../../core/model/manifest.ts";
import type { Resolution } from "../../core/model/resolution.ts";
import { checkTenant } from "../../core/names.ts";
import { type Resolver, resolverOf } from "../../core/resolver.ts";
import type { Pulse } from "../../ports/pulse.ts";
import type { StorePorts } from "../../store/ports.ts";
import { leaseWork } from "../lease.ts";
import { entryPath } from "../which.ts";
import { type HomeListener, listenersOf } from "./changes.ts";
import { type HomeMemory, homeMemoryOf } from "./home-memory.ts";
import { rhythmOf } from "./rhythm.ts";

/** What a host asks: which release of `engine` for this tenant at this epoch. */
export interface Question {
  readonly engine: string;
  /** A whole number from 0; left out: the epoch last observed. */
  readonly epoch?: Epoch | undefined;
  /** Whose work it is: a pin of this tenant goes before the schedule. */
  readonly tenant?: string | undefined;
  /** Left out: the release's only entry point, or the one named like the engine. */
  readonly entry?: string | undefined;
  /** Exactly this one, and no other than the tenant is pinned to. */
  readonly version?: Version | undefined;
}

export interface Answer {
  readonly engine: string;
  readonly version: Version;
  /** Tree digest: the release's identity. */
  readonly tree: Sha256;
  readonly entry: string;
  /** Absolute path of the entry point's file. */
  readonly path: string;
  /** What must hold each time before that file is started; `enginery exec` checks it. Absent: nothing beyond the lease. */
  readonly guard?: EntryPoint["guard"];
  /** The epoch that the answer depends on; null where it depends on none. */
  readonly epoch: Epoch | null;
  readonly tenant: string | null;
  readonly because: "pin" | "schedule" | "explicit" | "selected";
}

/** A claim on an installation; disposing it ends it. */
export interface HostLease extends Disposable {
  /** As `prune` names it among what keeps a release. */
  readonly id: string;
}

export interface HostHome extends Disposable {
  /**
   * The exact release, or an error: never another one instead. It is what `enginery which` would have answered at some moment within
   * the last second; of a pin that is being read again, now. Synchronous. Cost: under a microsecond from memory; for a tenant whose
   * pin is not in memory yet, one small file; where nothing could look at the home for a second, a look (see `refresh`).
   * Errors: `nothing-in-effect`, `release-not-installed`, `epoch-unknown`, `unknown-engine`, `unknown-version`, `unknown-entry`,
   * `pin-mismatch`, `release-conflict`; `bad-epoch`, `bad-name`, `usage`; `home-damaged` where this tenant's pin or, if it is needed, the epoch
   * cannot be read; those of `refresh`, as `HomeChange` says of an error.
   */
  resolve(question: Question): Answer;
  /**
   * A claim on the installation that was answered, which keeps it from `prune` until it is disposed of or this process ends. Looks
   * first whether the answer still holds, its pin included, so no work begins on one that was overtaken. Cost: a look, one file
   * written, a few read; for the first of a release in an epoch, a flushed line of the ledger. Errors: `answer-outdated`, `marked`
   * (resolve again), `release-not-installed`, `installation-damaged`, those of `resolve` and of a folder that cannot be written.
   */
  lease(answer: Answer): HostLease;
  /**
   * Calls the listener soon after the home has changed: within 0.2 seconds where the OS tells of it, else within 0.6; pins when they
   * have been read. What it is told of is in every answer given since. Dispose of it to hear no more. Cost: nothing beyond the
   * following that goes on anyway.
   */
  watch(listener: HomeListener): Disposable;
  /**
   * Looks now: what was announced before the call is in every answer after it. Pins that have changed are read when they are asked
   * for, or little by little. Cost: about a millisecond; for a new generation, its record and manifest are read and checked.
   * Errors: `generation-unreadable`, `home-damaged`, `home-newer`, `no-home`, `not-a-home`; `permission`, `io`, `missing`.
   */
  refresh(): void;
  /** Reads all pins that are not in memory yet, at once: after it a question about any tenant costs the same. Cost: some 30 µs a pin. */
  load(): void;
  /** Ends the following; leases stay. As disposing. What is asked of it afterwards is refused with `usage`. */
  close(): void;
}

/** What of an answer is the same for every epoch and tenant. */
type Kept = Omit<Answer, "epoch" | "tenant">;

/** Cost: the newest generation, its manifest, and a look at each folder of pins; they are read from then on, little by little. */
export function followHome(world: StorePorts, pulse: Pulse, path: string): HostHome {
  const listeners = listenersOf();
  const memory = homeMemoryOf(world, pulse, path, listeners);
  const rhythm = rhythmOf(world, pulse, memory, listeners);
  const told = new Set<string>();
  let isClosed = false;
  let statement = memory.statement();
  let resolver = newResolver();

  function newResolver(): Resolver<Kept> {
    return resolverOf(statement, (resolution) => keptOf(memory, resolution));
  }

  /** `readPin`: from memory, or from its file. */
  function answerTo(question: Question, readPin: HomeMemory["pins"]["find"]): Answer {
    if (!isObject(question)) throw notText();
    const { engine, tenant, version, entry } = question;
    if (!isText(engine) || !(tenant === undefined || isText(tenant))) throw notText();
    const pinned = tenant === undefined ? undefined : readPin(tenant, engine);
    if (tenant !== undefined && pinned === undefined) checkTenant(tenant);
    const epoch = question.epoch === undefined ? undefined : checkEpoch(question.epoch);
    const depends = epoch === undefined && pinned === undefined && version === undefined;
    return depends
      ? answerNow(question)
      : answerOf(resolver({ engine, epoch, pinned, tenant, version, entry }), epoch, tenant);
  }

  /** An epoch that cannot be read is the error of those only whose answer depends on it. */
  function answerNow({ engine, tenant, entry }: Question): Answer {
    let epoch: Epoch | undefined;
    let failure: unknown;
    try {
      epoch = memory.epoch();
    } catch (error) {
      failure = error;
    }
    try {
      return answerOf(resolver({ engine, epoch, tenant, entry }), epoch, tenant);
    } catch (error) {
      throw failure !== undefined && isEngineryError(error, "epoch-unknown") ? failure : error;
    }
  }

  function requireOpen(): void {
    if (!isClosed) return;
    throw new EngineryError("usage", `The home ${path} was closed.`, { hint: "Open it again." });
  }

  /** In memory as of a second ago at most. */
  function requireYoung(): void {
    requireOpen();
    const now = memory.statement();
    if (now === statement) return;
    statement = now;
    resolver = newResolver();
  }

  function close(): void {
    isClosed = true;
    rhythm[Symbol.dispose]();
    listeners.clear();
  }

  return {
    resolve: (question) => {
      requireYoung();
      return answerTo(question, memory.pins.find);
    },
    lease: (answer) => {
      requireOpen();
      if (!isObject(answer)) throw notText();
      memory.look();
      requireYoung();
      requireHolding(answer, answerTo(questionOf(answer), memory.pins.read));
      return leaseWork(world, memory.home, answer, told);
    },
    watch: (listener) => {
      requireOpen();
      if (typeof listener !== "function") throw noListener();
      return listeners.add(listener);
    },
    refresh: () => {
      requireOpen();
      memory.look();
      rhythm.readSoon();
    },
    load: () => {
      requireOpen();
      memory.readOn(() => false);
    },
    close,
    [Symbol.dispose]: close,
  };
}

function keptOf({ home }: HomeMemory, resolution: Resolution): Kept {
  const { engine, version, tree, entry, entryPoint, because } = resolution;
  const { path, guard } = entryPoint;
  const kept = { engine, version, tree, entry, path: entryPath({ home }, resolution, path), because };
  return guard === undefined ? kept : { ...kept, guard };
}

function answerOf(kept: Kept, epoch: Epoch | undefined, tenant: string | undefined): Answer {
  const { engine, version, tree, entry, path, guard, because } = kept;
  const answer = {
    engine,
    version,
    tree,
    entry,
    path,
    epoch: because === "schedule" ? (epoch ?? null) : null,
    tenant: tenant ?? null,
    because,
  };
  return guard === undefined ? answer : { ...answer, guard };
}

/** What would be asked to be answered so. */
function questionOf({ engine, version, epoch, tenant, entry, because }: Answer): Question {
  return {
    engine,
    entry,
    epoch: epoch ?? undefined,
    tenant: tenant ?? undefined,
    version: because === "explicit" ? version : undefined,
  };
}

function requireHolding(answer: Answer, now: Answer): void {
  if (now.tree === answer.tree && now.version === answer.version) return;
  const { engine, version } = answer;
  throw new EngineryError(
    "answer-outdated",
    `The answer ${engine}@${version} no longer holds: it is ${now.version} now.`,
    {
      context: { engine, version, now: now.version, tree: now.tree },
    },
  );
}

/** Not every host is written in TypeScript. */
function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function noListener(): EngineryError {
  return new EngineryError("usage", "What is to be told of changes is no function.", {
    hint: "Give one that takes a change.",
  });
}

function notText(): EngineryError {
  return new EngineryError("usage", "The question's engine, or its tenant, is no text.", {
    hint: "Give the engine as a string; leave the tenant out where there is none.",
  });
}
