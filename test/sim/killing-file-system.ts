import { translateErrno } from "../../src/adapters/errno.ts";
import type { FileSystem } from "../../src/ports/file-system.ts";
import { type Call, interposed } from "./interposed-file-system.ts";

/** The process is no more: no error of Enginery's, so nothing may treat it as one. */
export class KilledError extends Error {
  override readonly name = "KilledError";
  readonly call: Call;

  constructor(call: Call) {
    super(`killed before ${call.name} ${call.path}`);
    this.call = call;
  }
}

export interface KillingFileSystem {
  readonly fileSystem: FileSystem;
  /** Mutating calls so far. */
  readonly calls: number;
  /** The call that was not made. */
  readonly killedAt: Call | undefined;
}

/**
 * Dies before its n-th mutating call (counted from 1): that call and every later one, reads too, throw KilledError. With
 * `torn` a write is half done when it dies.
 */
export function killingFileSystem(
  real: FileSystem,
  dieAt: number,
  options: { torn?: boolean } = {},
): KillingFileSystem {
  let calls = 0;
  let killedAt: Call | undefined;
  const fileSystem = interposed(real, {
    before: (call, handle) => {
      if (killedAt !== undefined) throw new KilledError(call);
      if (!call.mutates) return;
      calls += 1;
      if (calls < dieAt) return;
      killedAt = call;
      if (options.torn && call.bytes !== undefined) handle?.write(call.bytes.subarray(0, call.bytes.length >> 1));
      throw new KilledError(call);
    },
  });
  return {
    fileSystem,
    get calls() {
      return calls;
    },
    get killedAt() {
      return killedAt;
    },
  };
}

/** Answers `errno` (`ENOSPC`, `EIO`, ...) to its n-th mutating call, and to all later ones where `lasting`. */
export function failingFileSystem(
  real: FileSystem,
  failAt: number,
  errno: string,
  options: { lasting?: boolean } = {},
): KillingFileSystem {
  let calls = 0;
  let killedAt: Call | undefined;
  const fileSystem = interposed(real, {
    before: (call) => {
      if (!call.mutates) return;
      calls += 1;
      if (options.lasting ? calls < failAt : calls !== failAt) return;
      killedAt ??= call;
      throw translateErrno(Object.assign(new Error(errno), { code: errno }), call.name, call.path);
    },
  });
  return {
    fileSystem,
    get calls() {
      return calls;
    },
    get killedAt() {
      return killedAt;
    },
  };
}

/** The mutating calls that changed something, in order. */
export function recordingFileSystem(real: FileSystem): { readonly fileSystem: FileSystem; readonly trace: Call[] } {
  const trace: Call[] = [];
  const fileSystem = interposed(real, {
    before: () => undefined,
    after: (call, result) => {
      const isWithoutEffect = result === false || (call.name === "createExclusive" && result === undefined);
      if (call.mutates && !isWithoutEffect) trace.push(call);
    },
  });
  return { fileSystem, trace };
}

export interface CrashScenario<Scene> {
  /** A fresh place for each kill point. */
  arrange(): Scene | Promise<Scene>;
  act(fileSystem: FileSystem, scene: Scene): unknown;
  /** Runs after each kill, and once after an `act` that went through (`killedAt` undefined). */
  check(scene: Scene, killedAt: Call | undefined, point: number): void | Promise<void>;
  /** The disk under it; Node's where left out. */
  real: FileSystem;
  torn?: boolean;
  /** Every how many points; default 1. */
  stride?: number;
}

/** Runs `act` once for every mutating call that it makes, dying before that call; answers how many points there were. */
export async function forEveryKillPoint<Scene>(scenario: CrashScenario<Scene>): Promise<number> {
  for (let point = 1; ; point += scenario.stride ?? 1) {
    const scene = await scenario.arrange();
    const killing = killingFileSystem(scenario.real, point, { torn: scenario.torn ?? false });
    await actUntilKilled(scenario, killing, scene);
    await scenario.check(scene, killing.killedAt, point);
    if (killing.killedAt === undefined) return killing.calls;
  }
}

/** Whatever comes out of an `act` whose disk died counts as death: the process would not have been there to say it. */
async function actUntilKilled<Scene>(
  scenario: CrashScenario<Scene>,
  killing: KillingFileSystem,
  scene: Scene,
): Promise<void> {
  try {
    await scenario.act(killing.fileSystem, scene);
  } catch (error) {
    if (killing.killedAt === undefined) throw error;
  }
}
