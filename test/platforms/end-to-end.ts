import assert from "node:assert/strict";
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { setTimeout as later } from "node:timers/promises";
import { CHECKOUT, jsonOf, told } from "../engines/support/command.ts";
import { contentOf } from "../engines/support/folders.ts";
import { Publisher } from "../engines/support/publisher.ts";
import { type StaticServer, serveFolder } from "../engines/support/static-server.ts";
import { asking } from "./support/asking.ts";
import { folderIn, start } from "./support/place.ts";
import type { OpenPlace } from "./support/places.ts";
import { publishWasmtime, wizerOf } from "./support/wizer.ts";

const MODULE = join(CHECKOUT, "templates", "demo", "sum.wasm");

/** Its one function loops: whoever runs it is busy until it is ended. */
const FOREVER = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x14, 0x01, 0x10, ...new TextEncoder().encode("wizer.initialize"), 0x00, 0x00],
  ...[0x0a, 0x09, 0x01, 0x07, 0x00, 0x03, 0x40, 0x0c, 0x00, 0x0b, 0x0b],
]);

interface Installed {
  readonly generation: number;
  readonly installed: readonly { readonly version: string }[];
  readonly failed: readonly { readonly version: string; readonly code: string }[];
  readonly downloadedBytes: number;
}

/** A node operator's life with three Wasmtimes, on one platform. The cases follow each other and share one home. */
export function endToEnd(platform: string, open: () => OpenPlace | Promise<OpenPlace>): void {
  let place: OpenPlace;
  let server: StaticServer;
  let publisher: Publisher;
  let folder: string;
  let home: string;
  let root: string;
  const isWindows = () => place.platform.startsWith("win32");
  const asked = () => asking(place, place.enginery, home);
  const begin = (args: readonly string[], at = home) => asked().begin(args, at);
  const ask = (args: readonly string[], at = home) => asked().ask(args, at);
  const sure = (args: readonly string[], at = home) => asked().sure(args, at);
  const answer = <T>(args: readonly string[], at = home): Promise<T> => asked().answer<T>(args, at);
  const entry = () => wizerOf(place.platform);
  /** A file and not the null device, which wine does not let this engine write to. */
  const sink = () => place.inside(join(folder, "made.wasm"));
  /** Older Wasmtimes refuse the module, each in its own words. */
  const sum = (epoch: number) =>
    ask([
      ...["exec", "wasmtime", "--epoch", `${epoch}`, "--", "--allow-wasi", "-o", sink()],
      place.inside(join(folder, "sum.wasm")),
    ]);
  const publish = (version: string, validFrom: number) =>
    publishWasmtime({ publisher, platform: place.platform, folder }, version, validFrom);

  before(async () => {
    place = await open();
    folder = folderIn(place, "case");
    home = join(folder, "home");
    publisher = new Publisher(folder, "net");
    server = await serveFolder(() => publisher.repository);
    root = (await publisher.init()).root.sha256;
    await publish("9.0.1", 0);
    await publish("23.0.2", 100);
    await publisher.sign();
    cpSync(MODULE, join(folder, "sum.wasm"));
    writeFileSync(join(folder, "forever.wasm"), FOREVER);
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    place?.[Symbol.dispose]();
  });

  it(`${platform}: says its version and what the host is like`, async () => {
    const ran = await start(place, [...place.enginery, "--version"]).done;
    assert.match(ran.stdout, /^enginery \d+\.\d+\.\d+\r?\n$/, told(ran));
  });

  it(`${platform}: a first install from HTTP lays out both releases`, async () => {
    const from = ["--from", server.url, "--channel", "net", "--root-sha256", root];
    const { installed, failed, generation } = await answer<Installed>(["install", ...from]);
    assert.deepEqual(
      [installed.map(({ version }) => version).sort(), failed, generation],
      [["23.0.2", "9.0.1"], [], 1],
    );
  });

  it(`${platform}: a wrong fingerprint of the root makes no home`, async () => {
    const other = join(folder, "other");
    const ran = await ask(
      ["install", "--from", server.url, "--channel", "net", "--root-sha256", "0".repeat(64)],
      other,
    );
    assert.equal(ran.status, 4, told(ran));
    assert.equal(existsSync(other), false);
  });

  it(`${platform}: each epoch runs on its own Wasmtime`, async () => {
    assert.match((await sum(99)).stderr, /constant expression required: non-constant operator \(/);
    assert.match((await sum(100)).stderr, /constant expression required: non-constant operator: i32\.add \(/);
  });

  it(`${platform}: which names a file that is there`, async () => {
    const { path } = await answer<{ path: string }>(["which", "wasmtime", "--epoch", "100"]);
    const direct = await start(place, [...place.program(path), "--version"]).done;
    assert.match(direct.stdout, /^wizer 7\.0\.5/, told(direct));
  });

  it(`${platform}: the launcher starts the release in effect, with the arguments and the exit status as they are`, async () => {
    await sure(["observe", "50"]);
    const launcher = place.inside(join(home, "bin", isWindows() ? "wasmtime.cmd" : "wasmtime"));
    const version = await start(place, [...place.program(launcher), "--version"]).done;
    assert.match(version.stdout, /^wizer 3\.0\.1/, told(version));
    const odd = await start(place, [...place.program(launcher), "--an argument", "x"]).done;
    assert.match(odd.stderr, /'--an argument'/, told(odd));
    assert.equal(odd.status, 1, told(odd));
  });

  it(`${platform}: verify finds what was damaged, and mends it`, async () => {
    assert.deepEqual((await answer<{ ok: boolean }>(["verify"])).ok, true);
    const file = join(home, "engines", "wasmtime", "23.0.2", entry());
    chmodSync(file, 0o755);
    appendFileSync(file, "x");
    chmodSync(file, 0o555);
    const ran = await ask(["verify", "--json"]);
    assert.equal(ran.status, 5, told(ran));
    await sure(["verify", "--repair"]);
    await sure(["verify"]);
  });

  it(`${platform}: ready proves both, and doctor finds nothing`, async () => {
    assert.equal((await answer<{ ready: boolean }>(["ready"])).ready, true);
    await sure(["doctor"]);
  });

  it(`${platform}: an upgrade that is killed while it downloads leaves what was, and the next one ends it`, async () => {
    await publish("36.0.2", 200);
    await publisher.sign();
    const held = begin(["upgrade", "--no-deltas"]);
    await until(() => readdirSync(join(home, "staging")).length > 0 || held.ended());
    held.kill();
    await held.done;
    assert.match((await sure(["exec", "wasmtime", "--", "--version"])).stdout, /^wizer 3\.0\.1/);
    const { from, to } = await answer<{ from: number; to: number }>(["upgrade"]);
    assert.deepEqual([from <= 2, to], [true, 2]);
    const ran = await sum(200);
    assert.equal(ran.stdout.trim(), "40 + 2 = 42", told(ran));
  });

  it(`${platform}: an upgrade with nothing new fetches no archive and changes nothing`, async () => {
    const was = contentOf(join(home, "generations"));
    server.log.length = 0;
    assert.equal((await answer<Installed>(["upgrade"])).downloadedBytes, 0);
    assert.deepEqual(server.served("archives"), []);
    assert.deepEqual(contentOf(join(home, "generations")), was);
  });

  it(`${platform}: rollback restores the generation before; upgrade then holds still until it is asked again`, async () => {
    const { generation } = await answer<{ generation: number }>(["rollback"]);
    assert.equal(generation, 3);
    assert.equal((await answer<{ to: number }>(["upgrade"])).to, 3);
    assert.equal((await answer<{ to: number }>(["upgrade", "--again"])).to, 4);
  });

  it(`${platform}: a pinned tenant stays where it is`, async () => {
    await sure(["pin", "tenant one", "wasmtime@9.0.1"]);
    const { version, because } = await answer<{ version: string; because: string }>([
      ...["which", "wasmtime", "--epoch", "250", "--tenant", "tenant one"],
    ]);
    assert.deepEqual([version, because], ["9.0.1", "pin"]);
    await sure(["unpin", "tenant one", "wasmtime"]);
  });

  it(`${platform}: an engine that runs is not pruned from under it; when it has ended it is`, async () => {
    await sure(["observe", "250"]);
    const leases = () => readdirSync(join(home, "leases")).filter((name) => name.endsWith(".json"));
    const over = new Set(leases());
    const runs = begin(["exec", "wasmtime@9.0.1", "--", "-o", sink(), place.inside(join(folder, "forever.wasm"))]);
    await until(() => leases().some((name) => !over.has(name)) || runs.ended());
    assert.equal(runs.ended(), false, "the engine should wait");
    const first = await ask(["prune", "--yes", "--before", "200", "--keep-generations", "1", "--json"]);
    const kept = jsonOf<{ kept: { version: string; keptBy: { kind: string }[] }[] }>(first).kept;
    assert.equal(
      kept.some(({ version, keptBy }) => version === "9.0.1" && keptBy.some(({ kind }) => kind === "lease")),
      true,
      told(first),
    );
    runs.kill();
    await runs.done;
    // or it would be kept as the last that is known to run before the one in effect
    await sure(["exec", "wasmtime@23.0.2", "--", "--version"]);
    const second = await sure(["prune", "--yes", "--before", "200", "--keep-generations", "1", "--json"]);
    const { removed } = jsonOf<{ removed: { version: string }[] }>(second);
    assert.deepEqual(
      removed.map(({ version }) => version),
      ["9.0.1"],
      told(second),
    );
  });

  it(`${platform}: a damaged archive is refused, and the home stays as it was`, async () => {
    const other = join(folder, "honest");
    const archives = join(publisher.repository, "archives");
    const was = readdirSync(archives).map((name) => join(archives, name));
    const saved = join(folder, "saved");
    mkdirSync(saved);
    for (const archive of was) {
      cpSync(archive, join(saved, archive.slice(archives.length + 1)));
      writeFileSync(archive, Buffer.alloc(4096));
    }
    const ran = await ask(["install", "--from", server.url, "--channel", "net", "--root-sha256", root], other);
    assert.equal(ran.status, 5, told(ran));
    cpSync(saved, archives, { recursive: true });
    const again = await ask(["install", "--from", server.url, "--channel", "net", "--root-sha256", root], other);
    assert.equal(again.status, 0, told(again));
  });

  it(`${platform}: two at once: both end well, and one generation has it all`, async () => {
    const shared = join(folder, "shared");
    const words = ["install", "--from", server.url, "--channel", "net", "--root-sha256", root];
    const ran = await Promise.all([ask(words, shared), ask(words, shared)]);
    for (const one of ran) assert.equal([0, 6].includes(one.status ?? -1), true, told(one));
    assert.equal(
      ran.some(({ status }) => status === 0),
      true,
    );
    await sure(["verify"], shared);
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (condition()) return;
    await later(50);
  }
  throw new Error("It did not come to pass within 30 s.");
}
