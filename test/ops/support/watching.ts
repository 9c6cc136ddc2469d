import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AlarmNotice } from "../../../src/core/watch/alarms.ts";
import type { WatchEvent, WatchRequest, WatchResult } from "../../../src/ops/operator.ts";
import { watch } from "../../../src/ops/watch.ts";
import type { World } from "../../../src/ops/world.ts";
import type { ServiceListener, ServiceManager } from "../../../src/ports/service.ts";
import { installedToys } from "../../support/installed-toys.ts";
import { homeOf } from "../../support/operator-requests.ts";
import { makeTestWorld, type TestWorld } from "../../support/test-world.ts";
import type { ToyChannel } from "../../support/toy-channel.ts";
import { type VirtualTimer, virtualTimer } from "../../support/virtual-timer.ts";

/** A `watch` of installed toys (1.0.0 from 0, 2.0.0 from 100, the epoch 50) in virtual time, following files that hold epochs. */
export interface Watching extends AsyncDisposable {
  readonly world: TestWorld;
  readonly channel: ToyChannel;
  readonly home: string;
  readonly timer: VirtualTimer;
  readonly events: WatchEvent[];
  /** What the file at `source` says; undefined: it is gone. */
  say(epoch: number | undefined, source?: number): void;
  /** Alarms told so far, as `firing NAME 3` or `cleared NAME`. */
  told(kind?: string): string[];
  firing(): string[];
  begin(more?: Partial<WatchRequest>): void;
  untilTold(words: string): Promise<void>;
  untilEvent(event: WatchEvent["event"]): Promise<void>;
  reload(): void;
  /** As SIGTERM would. */
  stop(): Promise<WatchResult>;
  readonly ended: () => Promise<WatchResult>;
}

export interface WatchingOptions {
  readonly world?: Partial<World>;
  readonly sources?: number;
  readonly manager?: ServiceManager;
  /** Instead of `installedToys`. */
  readonly arrange?: (world: TestWorld) => Promise<ToyChannel>;
}

export async function watching(options: WatchingOptions = {}): Promise<Watching> {
  const { sources = 1, manager, arrange = installedToys } = options;
  const events: WatchEvent[] = [];
  let listener: ServiceListener | undefined;
  const reading = { files: 0 };
  const timer: VirtualTimer = virtualTimer(
    () => world,
    manager === undefined ? 2 : 3,
    () => reading.files,
  );
  const service = {
    manager,
    listen: (listening: ServiceListener) => {
      listener = listening;
      return { [Symbol.dispose]: () => undefined };
    },
  };
  const world: TestWorld & Disposable = makeTestWorld({ timer, service, ...options.world });
  const { epochSource } = world;
  // a file that is being read would be overtaken by time that passes at once
  const counting: World["epochSource"] = async (spec) => {
    const source = await epochSource(spec);
    if (spec.kind !== "file") return source;
    const read: typeof source.read = async (how) => {
      reading.files += 1;
      return await source.read(how).finally(() => (reading.files -= 1));
    };
    return { ...source, read };
  };
  Object.assign(world, { epochSource: options.world?.epochSource ?? counting });
  const channel = await arrange(world);
  const files = Array.from({ length: sources }, (_, at) => join(world.folder, `epoch-${at}`));
  const say = (epoch: number | undefined, source = 0) => {
    const file = files[source] ?? "";
    if (epoch === undefined) rmSync(file, { force: true });
    else writeFileSync(file, `${epoch}\n`);
  };
  for (const at of files.keys()) say(50, at);
  let result: Promise<WatchResult> | undefined;
  const notices = () => events.flatMap((event): AlarmNotice[] => (event.event === "alarm" ? [event] : []));
  const words = ({ status, alarm, epochsLeft }: AlarmNotice) =>
    [status, alarm, ...(status === "firing" && epochsLeft ? [epochsLeft] : [])].join(" ");
  const told = (kind = "") =>
    notices()
      .map(words)
      .filter((line) => line.includes(kind));
  const ended = () => result ?? Promise.reject(new Error("It was not begun."));

  async function stop(): Promise<WatchResult> {
    listener?.stop("SIGTERM");
    return await timer.finish(ended());
  }

  return {
    world,
    channel,
    home: homeOf(world),
    timer,
    events,
    say,
    told,
    firing: () => {
      const last = new Map(notices().map((notice) => [notice.alarm, notice.status]));
      return [...last].filter(([, status]) => status === "firing").map(([alarm]) => alarm);
    },
    begin: (more = {}) => {
      result = watch(
        world,
        {
          home: homeOf(world),
          dryRun: false,
          offline: false,
          allowHttp: false,
          sources: files.map((file) => `file:${file}`),
          once: false,
          settings: {},
          env: { PATH: "/usr/bin:/bin" },
          ...more,
        },
        (event) => void events.push(event),
      );
      // who waits for it hears of it
      result.catch(() => undefined);
    },
    untilTold: (line) => timer.until(() => told().includes(line), line),
    untilEvent: (event) => timer.until(() => events.some((one) => one.event === event), event),
    reload: () => listener?.reload(),
    stop,
    ended,
    [Symbol.asyncDispose]: async () => {
      if (result !== undefined) await stop().catch(() => undefined);
      world[Symbol.dispose]();
    },
  };
}
