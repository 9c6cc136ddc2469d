import assert from "node:assert/strict";
import { test } from "node:test";
import type { Home } from "../../src/store/home.ts";
import { undurable } from "../sim/durable-order.ts";
import type { Call } from "../sim/interposed-file-system.ts";
import { recordingFileSystem } from "../sim/killing-file-system.ts";
import {
  AT,
  begin,
  CONFIG,
  disk,
  fill,
  generation,
  newHome,
  OPERATION,
  reopen,
  scratch,
  statements,
  treeOf,
} from "./support/scratch.ts";

const FILES = { "bin/xsnap": "#!/bin/sh\n", "lib/deep/a": "a", "lib/b": "b" };
const TREE = "a".repeat(64);
const PIN = { format: 1, tenant: "t", engine: "xsnap", version: "1.0.0", tree: TREE, at: AT } as const;
const ENTRIES = {
  xsnap: { path: "bin/xsnap", kind: "executable" },
  libxs: { path: "lib/b", kind: "library" },
} as const;
const { generation: next, manifest } = statements("xsnap", [
  { version: "1.0.0", validFrom: 3, files: FILES, entries: ENTRIES },
]);

/** So many that they are flushed at once, with their folders. */
const MANY_FILES = Object.fromEntries(Array.from({ length: 60 }, (_, number) => [`lib/${number % 3}/f${number}`, "x"]));

const changes: Readonly<Record<string, (home: Home) => unknown>> = {
  "generations.commit": (home) => home.generations.commit(generation(2)),
  "generations.retire": (home) => {
    home.generations.commit(generation(2));
    home.generations.retire([1]);
  },
  "manifests.keep": (home) => home.manifests.keep(new Uint8Array([1, 2])),
  "trees.keep": (home) => home.trees.keep({ format: 1, files: [] }),
  "trust.commit": (home) => home.trust.commit(new Map([["root.json", new Uint8Array([1])]])),
  "trust.remove": (home) => {
    home.trust.commit(new Map([["root.json", new Uint8Array([1])]]));
    home.trust.remove(1);
  },
  "pins.put": (home) => home.pins.put(PIN),
  "pins.putAll": (home) => home.pins.putAll(["t", "u", "v"].map((tenant) => ({ ...PIN, tenant }))),
  "pins.remove": (home) => {
    home.pins.put(PIN);
    home.pins.remove("t", "xsnap");
  },
  "marks.put": (home) => home.marks.put("xsnap", "1.0.0", OPERATION),
  "quarantine.put": (home) =>
    home.quarantine.put({ format: 1, tree: TREE, engine: "xsnap", version: "1.0.0", reason: "bad", at: AT }),
  "clock.write": (home) => home.clock.write({ format: 1, epoch: 3, at: AT, from: "observe" }),
  "ledger.append": (home) => home.ledger.append({ at: AT, operation: OPERATION, verb: "install" }),
  "config.write": (home) => home.config.write(CONFIG),
  "installations.adopt": async (home) => {
    const stage = begin(home, "xsnap", "1.0.0", FILES);
    fill(stage, FILES);
    home.installations.adopt(await stage.finish());
  },
  "installations.adopt of many files": async (home) => {
    const stage = begin(home, "xsnap", "1.0.0", MANY_FILES);
    fill(stage, MANY_FILES);
    home.installations.adopt(await stage.finish());
  },
  "installations.toTrash": async (home) => {
    await changes["installations.adopt"]?.(home);
    home.installations.toTrash("xsnap", "1.0.0");
  },
  "installations.replaceFile": async (home) => {
    await changes["installations.adopt"]?.(home);
    const [sound] = treeOf(FILES).files;
    assert.ok(sound);
    home.installations.replaceFile("xsnap", "1.0.0", sound, [new TextEncoder().encode("#!/bin/sh\n")]);
  },
  "views.writeIndex": (home) => home.views.writeIndex({ ...next, number: 2 }, manifest),
  "views.settle": (home) => {
    home.views.writeIndex({ ...next, number: 2 }, manifest);
    home.generations.commit({ ...next, number: 2 });
    home.views.settle({ ...next, number: 2 }, manifest);
  },
};

async function traceOf(home: string, act: (home: Home) => unknown): Promise<Call[]> {
  newHome(home).generations.commit(generation(1));
  const { fileSystem, trace } = recordingFileSystem(disk);
  await act(reopen(home, { fileSystem }));
  return trace;
}

const scratchOf = (home: string) => [`${home}/staging`, `${home}/cache`];

for (const [name, act] of Object.entries(changes)) {
  test(`${name} leaves nothing that a power cut could take back`, async () => {
    using place = scratch();
    assert.deepEqual(undurable(await traceOf(place.home, act), scratchOf(place.home)), []);
  });
}

test("createHome leaves nothing that a power cut could take back", () => {
  using place = scratch();
  const { fileSystem, trace } = recordingFileSystem(disk);
  newHome(`${place.path}/a/home`, { fileSystem });
  assert.deepEqual(undurable(trace, scratchOf(`${place.path}/a/home`)), []);
});

for (const name of [
  "generations.commit",
  "manifests.keep",
  "trust.commit",
  "pins.put",
  "pins.putAll",
  "installations.adopt",
  "installations.adopt of many files",
  "views.writeIndex",
]) {
  test(`${name} would not be durable without any one of its flushes`, async () => {
    using place = scratch();
    const trace = await traceOf(place.home, changes[name] ?? assert.fail());
    const flushes = trace.filter((call) => call.name.startsWith("sync"));
    const needless = flushes.filter((flush) => undurable(without(trace, flush), scratchOf(place.home)).length === 0);
    // The parent of a rename's old name lies in staging/, whose names may come back.
    const excused = needless.filter((call) => !call.path.startsWith(`${place.home}/staging`));
    assert.deepEqual(excused, []);
    assert.ok(flushes.length - needless.length >= 2);
  });
}

function without(trace: readonly Call[], left: Call): Call[] {
  return trace.filter((call) => call !== left);
}

test("a generation's index is on the disk before the generation has its name", async () => {
  using place = scratch();
  const trace = await traceOf(place.home, changes["views.settle"] ?? assert.fail());
  const at = (wanted: (call: Call) => boolean) => trace.findIndex(wanted);
  const flushed = at((call) => call.name === "syncDirectory" && call.path === `${place.home}/index`);
  const linked = at((call) => call.name === "link");
  assert.ok(flushed >= 0 && flushed < linked);
});

test("what tells a half-made home is on the disk before anything else of the home", () => {
  using place = scratch();
  const { fileSystem, trace } = recordingFileSystem(disk);
  newHome(place.home, { fileSystem });
  const within = trace.filter(({ path }) => path.startsWith(place.home));
  const begun = within.findIndex(({ path }) => path.endsWith("/CREATING"));
  const flushed = within.findIndex(
    ({ name, path }, at) => at > begun && name === "syncDirectory" && path === place.home,
  );
  const next = within.findIndex(({ path }) => path.startsWith(`${place.home}/`) && !path.endsWith("/CREATING"));
  assert.ok(begun >= 0 && begun < flushed && flushed < next);
});
