import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { hostHome } from "../../src/index.ts";
import { pruneUnderLock } from "../../src/ops/prune.ts";
import { rules } from "../../src/ops/repo/rules.ts";
import { sign } from "../../src/ops/repo/sign.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { use } from "../../src/ops/use.ts";
import type { World } from "../../src/ops/world.ts";
import { interposed } from "../sim/interposed-file-system.ts";
import { lookAt } from "./checker.ts";
import { type CheapHome, cheapHome, real } from "./races/cheap-home.ts";
import { buildProgram } from "./support/build.ts";
import { requireNone, tally } from "./support/tally.ts";

const UPGRADES = Number(process.env["ENGINERY_SAFETY_UPGRADES"] ?? 1_000);
const READER = fileURLToPath(new URL("races/reader.ts", import.meta.url));
const QUIET = {
  names: [],
  stageOnly: false,
  again: true,
  prune: false,
  dryRun: false,
  offline: false,
  allowHttp: false,
};
let cheap: CheapHome;
/** What launchers hand over to. */
let command: string;

before(async () => {
  cheap = await cheapHome();
  await use(cheap.world, { home: cheap.home, engine: "rig", version: "2.0.0", dryRun: false });
  const program = await buildProgram(cheap.world.folder);
  command = join(cheap.world.folder, "enginery");
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
});
after(() => cheap[Symbol.dispose]());

test(`readers through ${UPGRADES} upgrades: nothing is ever missing or mixed`, async (context) => {
  const { world, home } = cheap;
  const readers = [reader("library"), reader("library"), reader("launchers")];
  let seen: Awaited<ReturnType<(typeof readers)[number]["end"]>>[] = [];
  try {
    await Promise.all(readers.map(({ ready }) => ready));
    for (let count = 1; count <= UPGRADES; count++) {
      await publishAnew(count);
      await upgrade(world, { home, ...QUIET });
      if (count % 5 === 0) await use(world, { home, engine: "rig", version: `${1 + (count % 2)}.0.0`, dryRun: false });
      if (count % 3 === 0) pruneUnderLock(world, { home, dryRun: false, keepGenerations: 1, keepUnscheduled: true });
    }
  } finally {
    seen = await Promise.all(readers.map(({ end }) => end()));
  }
  const looks = seen.reduce((total, one) => total + one.looks, 0);
  context.diagnostic(`${UPGRADES} upgrades, ${seen.map((one) => one.looks).join(" + ")} looks`);
  tally(context, { cases: looks });
  requireNone([...seen.flatMap(({ wrong }) => wrong), ...lookAt(home).problems]);
  assert.ok(looks > UPGRADES / 10);
});

test("a reader before every call of the disk that an upgrade, a use or a prune makes", async (context) => {
  const { world, home } = cheap;
  const broken: string[] = [];
  let looks = 0;
  using host = hostHome(world, home);
  const watched = interposed(real, {
    before: ({ name, path, mutates }) => {
      if (!mutates) return;
      looks += 1;
      try {
        host.refresh();
        const toy = host.resolve({ engine: "toy" });
        const rig = host.resolve({ engine: "rig" });
        for (const { path: program } of [toy, rig])
          if (real.status(program) === undefined) broken.push(`${program} is missing`);
        if (toy.version !== "2.0.0") broken.push(`toy is ${toy.version}`);
      } catch (error) {
        broken.push(`before ${name} ${path}: ${String(error)}`);
      }
    },
  });
  const living: World = { ...world, fileSystem: watched };
  await publishAnew(UPGRADES + 1);
  await upgrade(living, { home, ...QUIET });
  await use(living, { home, engine: "rig", version: "1.0.0", dryRun: false });
  await use(living, { home, engine: "rig", version: "2.0.0", dryRun: false });
  pruneUnderLock(living, { home, dryRun: false, before: 100, keepGenerations: 1, keepUnscheduled: true });
  context.diagnostic(`${looks} looks`);
  tally(context, { cases: looks });
  requireNone(broken);
});

/** A manifest with a higher serial. */
async function publishAnew(count: number): Promise<void> {
  const { world, channel } = cheap;
  const directory = channel.repository;
  await rules(world, { directory, engine: "toy", maxFuture: 10 + (count % 2), dryRun: false });
  await sign(world, { directory, keysDir: channel.keysDir, epoch: 150, dryRun: false });
}

function reader(kind: "library" | "launchers") {
  const child = spawn(process.execPath, [READER, cheap.home, kind], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ENGINERY_COMMAND: command },
  });
  let said = "";
  const ended = new Promise<void>((done) => child.on("close", () => done()));
  const ready = new Promise<void>((done, fail) => {
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      if (said.startsWith("ready\n")) done();
    });
    child.on("close", () => fail(new Error(`The reader ended: ${said}`)));
  });
  return {
    ready,
    end: async (): Promise<{ readonly looks: number; readonly wrong: readonly string[] }> => {
      child.stdin.end();
      await ended;
      return JSON.parse(said.slice("ready\n".length));
    },
  };
}
