// What an answer of the library costs from memory: `node bench/resolve.ts [DEPLOYMENTS] [PINS] [ROUNDS]`. The ways are measured in turns.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHome } from "../src/index.ts";
import { ENGINE, largeHome, pinMany, tenantAt, versionAt } from "./large-home.ts";

/** Asked one after the other; a clock is not fine enough for one. */
const BATCH = 50;
const [deployments = 10_000, pins = 100_000, rounds = 20_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "enginery-resolve-"));
try {
  await measure(join(folder, "home"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(path: string): Promise<void> {
  const home = largeHome(path, deployments);
  await pinMany(home, pins);
  globalThis.gc?.();
  const before = process.memoryUsage();
  const [host, opening] = timed(() => openHome(path));
  const [, loading] = timed(() => host.load());
  globalThis.gc?.();
  const grown = process.memoryUsage().heapUsed - before.heapUsed;
  // until what was written last is old enough to be told from what comes next
  await new Promise((done) => setTimeout(done, 500));
  host.refresh();
  host.load();
  const [, looking] = timed(() => host.refresh());
  console.log(
    `open ${ms(opening)}, read all pins ${ms(loading)}, look ${ms(looking)}, heap ${(grown / 2 ** 20).toFixed(0)} MiB`,
  );

  const plain = new Map(Array.from({ length: pins }, (_, at) => [tenantAt(at), versionAt(at % 7)]));
  // made before: a host has the names of its tenants
  const tenants = Array.from({ length: 4_096 }, () => tenantAt(Math.floor(Math.random() * pins)));
  const others = tenants.map((tenant) => `${tenant}-without`);
  const epochs = tenants.map(() => Math.floor(Math.random() * deployments * 10));
  const ways: Readonly<Record<string, (at: number) => unknown>> = {
    "a `Map` of as many tenants": (at) => plain.get(tenants[at & 4095] as string),
    "`resolve`, by epoch": (at) => host.resolve({ engine: ENGINE, epoch: epochs[at & 4095] }),
    "`resolve`, a pinned tenant": (at) => host.resolve({ engine: ENGINE, tenant: tenants[at & 4095] }),
    "`resolve`, a tenant without a pin": (at) =>
      host.resolve({ engine: ENGINE, tenant: others[at & 4095], epoch: epochs[at & 4095] }),
    "reading the pin's file": (at) => home.pins.get(tenants[at & 4095] as string, ENGINE),
  };
  const times = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, ask] of Object.entries(ways)) {
      if (name.startsWith("reading") && round % 100 !== 0) continue;
      const first = round * BATCH;
      const start = process.hrtime.bigint();
      for (let at = first; at < first + BATCH; at++) ask(at);
      times.get(name)?.push(Number(process.hrtime.bigint() - start) / BATCH);
    }
    // timers and watchers go on as in a host
    if (round % 500 === 0) await new Promise((done) => setImmediate(done));
  }
  host.close();
  const base = quantile(times.values().next().value ?? [], 0.5);
  console.log("| way | p50 | p99 | to the `Map` |\n| --- | --- | --- | --- |");
  for (const [name, all] of times) {
    const [p50, p99] = [quantile(all, 0.5), quantile(all, 0.99)];
    console.log(`| ${name} | ${p50.toFixed(0)} ns | ${p99.toFixed(0)} ns | ${(p50 / base).toFixed(1)} |`);
  }
}

function timed<T>(act: () => T): readonly [T, number] {
  const start = performance.now();
  return [act(), performance.now() - start];
}

function ms(time: number): string {
  return `${time < 10 ? time.toFixed(1) : time.toFixed(0)} ms`;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
