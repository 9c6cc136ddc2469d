import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { nodeFileSystem } from "../../src/adapters/node-file-system.ts";
import { EngineryError, isEngineryError } from "../../src/core/errors.ts";
import { doctor } from "../../src/ops/doctor.ts";
import { install } from "../../src/ops/install.ts";
import { observe } from "../../src/ops/observe.ts";
import { pin } from "../../src/ops/pin.ts";
import { upgrade } from "../../src/ops/upgrade.ts";
import { verify } from "../../src/ops/verify.ts";
import { openHome } from "../../src/store/home.ts";
import { interposed } from "../sim/interposed-file-system.ts";
import { unsynced } from "../sim/unsynced-file-system.ts";
import { installRequest, upgradeRequest, verifyRequest } from "../support/operator-requests.ts";
import { makeTestWorld } from "../support/test-world.ts";
import type { ToyChannel } from "../support/toy-channel.ts";
import {
  blank,
  copyOf,
  inFolder,
  lookingVerbs,
  makeSoundHome,
  newestManifest,
  pastRepository,
  pinFile,
  plantLink,
  tear,
  treeOf,
} from "./support/damages.ts";

/** Each damage of docs/operations/recovery.md: what every verb that looks says of it, and that the command named there mends it. */
interface Damage {
  readonly name: string;
  readonly damage: (home: string) => void;
  /** Verbs that fail, with the code; all others answer as they do in the sound home. */
  readonly fails: Readonly<Record<string, string>>;
  /** Of the finding without --fix; undefined: there is nothing to find. */
  readonly finding?: readonly [code: string, mend: RegExp];
  readonly mend: (home: string) => Promise<unknown>;
  /** Verbs that answer otherwise afterwards, because what was lost is lost. */
  readonly otherwise?: readonly string[];
}

const ALL = [
  "status",
  "list",
  "schedule",
  "which",
  "which --epoch",
  "which --tenant",
  "pins",
  "history",
  "quarantine",
  "verify",
  "prune --dry-run",
  "upgrade --dry-run",
];
const all = (code: string) => Object.fromEntries(ALL.map((verb) => [verb, code]));
const these = (code: string, ...verbs: readonly string[]) => Object.fromEntries(verbs.map((verb) => [verb, code]));

const world = makeTestWorld({ fileSystem: unsynced(nodeFileSystem()) });
const sound = join(world.folder, "sound");
let channel: ToyChannel;
let answers: Readonly<Record<string, unknown>>;

before(async () => {
  channel = await makeSoundHome(world, sound);
  answers = await answersOf(sound);
});
after(() => world[Symbol.dispose]());

const fix = (home: string) => doctor(world, { home, fix: true });
const repair = (home: string) => verify(world, verifyRequest(world, { home, repair: true }));
const again = (home: string) => upgrade(world, upgradeRequest(world, { home }));
const FIX = /^enginery doctor --fix$/;

const DAMAGES: readonly Damage[] = [
  {
    name: "the newest generation is torn",
    damage: (home) => tear(inFolder(home, "generations").at(-1) ?? ""),
    fails: all("generation-unreadable"),
    finding: ["generation-unreadable", FIX],
    mend: async (home) => {
      await fix(home);
      await again(home);
    },
    otherwise: ["history", "status", "list", "prune --dry-run", "upgrade --dry-run"],
  },
  {
    name: "an older generation is torn",
    damage: (home) => blank(inFolder(home, "generations")[0] ?? ""),
    fails: these("generation-unreadable", "history", "prune --dry-run"),
    finding: ["generation-unreadable", FIX],
    mend: fix,
    otherwise: ["history", "prune --dry-run"],
  },
  {
    name: "all generations but the newest are gone",
    damage: (home) => rmSync(inFolder(home, "generations")[0] ?? ""),
    fails: {},
    mend: async () => undefined,
    otherwise: ["history", "prune --dry-run"],
  },
  {
    name: "the newest generation is gone",
    damage: (home) => rmSync(inFolder(home, "generations").at(-1) ?? ""),
    fails: all("generation-unreadable"),
    finding: ["generation-unreadable", FIX],
    mend: async (home) => {
      await fix(home);
      await again(home);
    },
    otherwise: ["history", "prune --dry-run", "upgrade --dry-run"],
  },
  {
    name: "the newest generation is gone, and the ledger's line of it lies far back",
    damage: (home) => {
      const { ledger } = openHome(home, world);
      const detail = { engine: "toy", version: "1.0.0", tree: "0".repeat(64), epoch: 10, because: "schedule" };
      for (let run = 0; run < 400; run++) {
        ledger.append({ at: "2027-01-01T00:00:00Z", operation: "0".repeat(32), verb: "exec", detail });
      }
      rmSync(inFolder(home, "generations").at(-1) ?? "");
    },
    fails: all("generation-unreadable"),
    finding: ["generation-unreadable", FIX],
    mend: async (home) => {
      await fix(home);
      await again(home);
    },
    otherwise: ["history", "prune --dry-run", "upgrade --dry-run"],
  },
  {
    name: "all generations are gone",
    damage: (home) => rmSync(join(home, "generations"), { recursive: true }),
    fails: all("home-damaged"),
    finding: ["home-damaged", /enginery install$/],
    mend: (home) =>
      install(
        world,
        installRequest(world, channel, { home, from: undefined, channel: undefined, rootSha256: undefined }),
      ),
    otherwise: ["history", "status", "list", "prune --dry-run", "upgrade --dry-run"],
  },
  {
    name: "a seal is missing",
    damage: (home) => rmSync(join(home, "engines/toy/2.0.0/SEAL.json")),
    fails: { verify: "a problem" },
    finding: ["installation-damaged", /^enginery verify --repair toy@2.0.0$/],
    mend: repair,
  },
  {
    name: "a seal is torn",
    damage: (home) => tear(join(home, "engines/toy/2.0.0/SEAL.json")),
    fails: { verify: "a problem" },
    finding: ["installation-damaged", /^enginery verify --repair toy@2.0.0$/],
    mend: repair,
  },
  {
    name: "an installation is gone",
    damage: (home) => rmSync(join(home, "engines/toy/3.0.0"), { recursive: true }),
    fails: { verify: "a problem", "which --epoch": "installation-damaged" },
    finding: ["installation-damaged", /^enginery verify --repair toy@3.0.0$/],
    mend: repair,
    otherwise: ["status", "upgrade --dry-run"],
  },
  {
    name: "the newest trust set is torn",
    damage: (home) => tear(join(home, "trust/00000002/targets.json")),
    fails: { verify: "a problem", "upgrade --dry-run": "home-damaged" },
    finding: ["home-damaged", FIX],
    mend: async (home) => {
      await fix(home);
      await repair(home);
    },
    otherwise: ["status"],
  },
  {
    name: "the newest trust set is torn, and an upgrade mends it",
    damage: (home) => blank(join(home, "trust/00000002/snapshot.json")),
    fails: { verify: "a problem", "upgrade --dry-run": "home-damaged" },
    finding: ["home-damaged", FIX],
    mend: async (home) => {
      await fix(home);
      await again(home);
    },
    otherwise: ["status"],
  },
  {
    name: "the newest trust set is gone",
    damage: (home) => rmSync(join(home, "trust/00000002"), { recursive: true }),
    fails: { verify: "a problem" },
    finding: ["home-damaged", FIX],
    mend: async (home) => {
      await fix(home);
      await again(home);
    },
    otherwise: ["status", "upgrade --dry-run"],
  },
  {
    name: "every trust set is torn",
    damage: (home) => {
      for (const set of inFolder(home, "trust"))
        for (const file of ["root.json", "timestamp.json"]) blank(join(set, file));
    },
    fails: { verify: "a problem", "upgrade --dry-run": "home-damaged" },
    finding: ["home-damaged", /enginery install --root FILE/],
    mend: async (home) => {
      await install(world, installRequest(world, channel, { home }));
      await fix(home);
    },
    otherwise: ["status"],
  },
  {
    name: "the manifest's record is gone",
    damage: (home) => rmSync(newestManifest(home)),
    fails: all("home-damaged"),
    finding: ["home-damaged", /^enginery verify --repair$/],
    mend: repair,
  },
  {
    name: "the manifest's record is torn",
    damage: (home) => tear(newestManifest(home)),
    fails: all("home-damaged"),
    finding: ["home-damaged", /^enginery verify --repair$/],
    mend: repair,
  },
  {
    name: "a file list is gone",
    damage: (home) => rmSync(treeOf(home, "2.0.0")),
    fails: { verify: "a problem" },
    finding: ["installation-damaged", /^enginery verify --repair toy@2.0.0$/],
    mend: repair,
  },
  {
    name: "a file list is torn, and a file of its release too",
    damage: (home) => {
      tear(treeOf(home, "2.0.0"));
      rmSync(join(home, "engines/toy/2.0.0/share/notes.txt"));
    },
    fails: { verify: "a problem" },
    finding: ["installation-damaged", /^enginery verify --repair toy@2.0.0$/],
    mend: repair,
  },
  {
    name: "the config has an unknown key",
    damage: (home) => {
      const config = JSON.parse(readFileSync(join(home, "config.json"), "utf8"));
      writeFileSync(join(home, "config.json"), JSON.stringify({ ...config, keepGeneration: 2 }));
    },
    fails: all("config-invalid"),
    finding: ["config-invalid", /keepGenerations/],
    mend: async (home) => {
      const { keepGeneration, ...config } = JSON.parse(readFileSync(join(home, "config.json"), "utf8"));
      assert.equal(keepGeneration, 2);
      writeFileSync(join(home, "config.json"), JSON.stringify(config));
    },
  },
  {
    name: "the config is no JSON",
    damage: (home) => tear(join(home, "config.json")),
    fails: all("config-invalid"),
    finding: ["config-invalid", /enginery install --from URL\|DIR --channel NAME/],
    mend: (home) => install(world, installRequest(world, channel, { home, rootSha256: undefined })),
  },
  {
    name: "the config is gone",
    damage: (home) => rmSync(join(home, "config.json")),
    fails: all("home-damaged"),
    finding: ["home-damaged", /enginery install --from URL\|DIR --channel NAME/],
    mend: (home) => install(world, installRequest(world, channel, { home, rootSha256: undefined })),
  },
  {
    name: "VERSION is gone",
    damage: (home) => rmSync(join(home, "VERSION")),
    fails: all("home-damaged"),
    finding: ["home-damaged", FIX],
    mend: fix,
  },
  {
    name: "VERSION is blank",
    damage: (home) => blank(join(home, "VERSION")),
    fails: all("home-damaged"),
    finding: ["home-damaged", FIX],
    mend: fix,
  },
  {
    name: "a pin's record is torn, and the ledger knows what it said",
    damage: (home) => tear(pinFile(home)),
    fails: these("home-damaged", "which --tenant", "pins", "prune --dry-run", "upgrade --dry-run"),
    finding: ["home-damaged", FIX],
    mend: fix,
    otherwise: ["status"],
  },
  {
    name: "a pin's record is torn, and the ledger is gone",
    damage: (home) => {
      tear(pinFile(home));
      rmSync(join(home, "ledger.jsonl"));
    },
    fails: {
      ...these("home-damaged", "which --tenant", "pins", "prune --dry-run", "upgrade --dry-run"),
      verify: "a problem",
    },
    finding: ["home-damaged", /enginery pin TENANT ENGINE@VERSION/],
    mend: async (home) => {
      await pin(world, { home, dryRun: false, pins: [{ tenant: "vat-1", engine: "toy", version: "1.0.0" }] });
      await fix(home);
    },
    otherwise: ["status", "history"],
  },
  {
    name: "the observed epoch is torn",
    damage: (home) => tear(join(home, "clock/observed.json")),
    fails: these("home-damaged", "list", "schedule", "which", "which --tenant", "prune --dry-run", "upgrade --dry-run"),
    finding: ["home-damaged", /enginery observe EPOCH/],
    mend: (home) => observe(world, { home, epoch: 150, dryRun: false }),
    otherwise: ["status"],
  },
  {
    name: "the observed epoch is torn, and doctor removes it",
    damage: (home) => blank(join(home, "clock/observed.json")),
    fails: these("home-damaged", "list", "schedule", "which", "which --tenant", "prune --dry-run", "upgrade --dry-run"),
    finding: ["home-damaged", /enginery observe EPOCH/],
    mend: async (home) => {
      await fix(home);
      await observe(world, { home, epoch: 150, dryRun: false });
    },
    otherwise: ["status"],
  },
  {
    name: "a quarantine record is torn",
    damage: (home) => tear(inFolder(home, "quarantine")[0] ?? ""),
    fails: these("home-damaged", "quarantine", "upgrade --dry-run"),
    finding: ["home-damaged", FIX],
    mend: fix,
    otherwise: ["status", "quarantine"],
  },
  {
    name: "a line of the ledger is torn in the middle",
    damage: (home) => {
      const path = join(home, "ledger.jsonl");
      const lines = readFileSync(path, "utf8").split("\n");
      lines[1] = lines[1]?.slice(0, 20) ?? "";
      writeFileSync(path, lines.join("\n"));
    },
    fails: { verify: "a problem" },
    finding: ["ledger-broken", FIX],
    mend: fix,
    otherwise: ["history"],
  },
  {
    name: "the ledger's end is cut off",
    damage: (home) => {
      const path = join(home, "ledger.jsonl");
      const lines = readFileSync(path, "utf8").split("\n");
      writeFileSync(path, `${lines.slice(0, 2).join("\n")}\n`);
    },
    fails: { verify: "a problem" },
    finding: ["ledger-broken", FIX],
    mend: fix,
    otherwise: ["history"],
  },
  {
    name: "the ledger is gone",
    damage: (home) => rmSync(join(home, "ledger.jsonl")),
    fails: { verify: "a problem" },
    finding: ["ledger-broken", FIX],
    mend: fix,
    otherwise: ["history"],
  },
  {
    name: "a line of the ledger that died within",
    damage: (home) => appendFileSync(join(home, "ledger.jsonl"), '{"at":"2027'),
    fails: {},
    mend: async () => undefined,
  },
  {
    name: "index/ and bin/ are gone",
    damage: (home) => {
      for (const folder of ["index", "bin"]) rmSync(join(home, folder), { recursive: true });
    },
    fails: {},
    finding: ["home-damaged", FIX],
    mend: fix,
  },
  {
    name: "what index/, bin/ and lib/ hold is gone",
    damage: (home) => {
      for (const folder of ["index", "bin"])
        for (const path of inFolder(home, folder)) rmSync(path, { recursive: true });
    },
    fails: {},
    finding: ["derived-views", FIX],
    mend: fix,
  },
  {
    name: "every empty folder was lost in a copy",
    damage: (home) => {
      for (const folder of ["staging", "leases", "marks", "cache", "lib"])
        rmSync(join(home, folder), { recursive: true });
    },
    fails: {},
    finding: ["home-damaged", FIX],
    mend: again,
  },
  {
    name: "the leases folder is a link",
    damage: (home) => plantLink(join(home, "leases"), `${home}-elsewhere`),
    fails: these("home-damaged", "prune --dry-run"),
    finding: ["home-damaged", /rm .*leases && enginery doctor --fix$/],
    mend: async (home) => {
      rmSync(join(home, "leases"));
      await fix(home);
    },
  },
  {
    name: "a lease's record is torn",
    damage: (home) => writeFileSync(join(home, "leases/toy@1.0.0.77-dead.json"), "{"),
    fails: {},
    finding: ["lease-foreign", /^Once that process is gone: enginery prune --forget-lease toy@1.0.0.77-dead$/],
    mend: async (home) => {
      const { prune } = await import("../../src/ops/prune.ts");
      await prune(world, { home, dryRun: false, forgetLease: "toy@1.0.0.77-dead" });
    },
    otherwise: ["prune --dry-run"],
  },
  {
    name: "a mark's record is torn",
    damage: (home) => writeFileSync(join(home, "marks/toy@1.0.0"), "{"),
    fails: {},
    finding: ["home-damaged", FIX],
    mend: fix,
  },
];

/** What does not tell of this very folder. */
async function answersOf(home: string): Promise<Readonly<Record<string, unknown>>> {
  const entries = Object.entries(lookingVerbs(world, home)).map(async ([verb, ask]) => {
    const answer = await ask().catch((error: unknown) => {
      if (!isEngineryError(error)) throw error;
      return error;
    });
    return [verb, answer] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function comparable(answer: unknown, home: string): unknown {
  const text = JSON.stringify(answer, (key, value) =>
    /^(freeBytes|at|observedAt|chain)$/.test(key) ? undefined : value,
  );
  return JSON.parse(
    text
      .replaceAll(home, "HOME")
      .replaceAll(/Generation \d+/g, "Generation N")
      .replaceAll(/"generation":\d+/g, '"generation":0'),
  );
}

let homes = 0;
for (const { name, damage, fails, finding, mend, otherwise = [] } of DAMAGES) {
  test(`${name}: told by every verb, and mended`, async () => {
    const home = copyOf(sound, join(world.folder, `home-${homes++}`));
    // a copy's launchers name the home that they were copied from
    await doctor(world, { home, fix: true });
    damage(home);
    const found = await answersOf(home);
    for (const [verb, answer] of Object.entries(found)) {
      if (verb === "doctor") continue;
      const code = fails[verb];
      if (code === undefined && isEngineryError(answer)) throw answer;
      if (code === undefined) {
        if (!otherwise.includes(verb))
          assert.deepEqual(comparable(answer, home), comparable(answers[verb], sound), verb);
      } else if (code === "a problem") assert.equal((answer as { ok: boolean }).ok, false, `${verb} finds it`);
      else requireTold(verb, answer, code);
    }
    const { findings } = await doctor(world, { home, fix: false });
    const told = findings.filter(({ severity }) => severity !== "ok");
    if (finding === undefined) assert.deepEqual(told, []);
    else {
      const [code, mends] = finding;
      assert.ok(
        told.some((one) => one.code === code && mends.test(one.mend ?? "")),
        JSON.stringify(told),
      );
    }
    await mend(home);
    const mended = await answersOf(home);
    for (const [verb, answer] of Object.entries(mended)) {
      if (isEngineryError(answer)) throw answer;
      if (["doctor", "history", ...otherwise].includes(verb)) continue;
      assert.deepEqual(comparable(answer, home), comparable(answers[verb], sound), `${verb}, mended`);
    }
    assert.equal((mended["verify"] as { ok: boolean }).ok, true, JSON.stringify(mended["verify"]));
    assert.equal((mended["doctor"] as { ok: boolean }).ok, true, JSON.stringify(mended["doctor"]));
  });
}

function requireTold(verb: string, answer: unknown, code: string): void {
  assert.ok(isEngineryError(answer), `${verb} answered ${JSON.stringify(answer)}`);
  const { exitStatus, hint } = answer as EngineryError;
  assert.equal((answer as EngineryError).code, code, `${verb}: ${String(answer)}`);
  assert.equal(exitStatus, code === "config-invalid" ? 2 : 5);
  assert.match(hint, /enginery |Correct |nearest known key/, `${verb} names what mends it`);
}

test("a disk that is full in the middle of an upgrade: told as such, and the same upgrade goes on", async () => {
  const home = copyOf(sound, join(world.folder, "full"));
  await channel.release("toy", "6.0.0");
  await channel.deploy("toy", "6.0.0", 2000, 150);
  await channel.publish(150);
  const real = world.fileSystem;
  let points = 0;
  for (let room = 0; ; room += 1) {
    let writes = 0;
    const full = interposed(real, {
      before: ({ name, path }) => {
        if (!["write", "createExclusive", "makeDirectory"].includes(name)) return;
        writes += 1;
        if (writes <= room) return;
        throw new EngineryError("disk-full", `Cannot ${name} ${path}: the disk is full (ENOSPC).`);
      },
    });
    const done = await upgrade({ ...world, fileSystem: full }, upgradeRequest(world, { home })).catch(
      (error: unknown) => error,
    );
    if (!(done instanceof Error)) break;
    points += 1;
    assert.ok(isEngineryError(done, "disk-full"), String(done));
    assert.equal(done.exitStatus, 7);
    assert.match(done.hint, /enginery prune/);
    const { problems } = await verify(world, verifyRequest(world, { home }));
    assert.deepEqual(problems, []);
    if (room % 5 === 0) assert.equal((await doctor(world, { home, fix: true })).ok, true);
  }
  assert.ok(points > 10, `${points} places`);
  assert.equal((await doctor(world, { home, fix: true })).ok, true);
});

test("a staging folder full of rubbish is swept", async () => {
  const home = copyOf(sound, join(world.folder, "rubbish"));
  mkdirSync(join(home, "staging/trash-1/deep/er"), { recursive: true });
  appendFileSync(join(home, "staging/trash-1/deep/er/file"), "x".repeat(1000));
  plantLink(join(home, "staging/trash-link"), join(world.folder, "outside"));
  writeFileSync(join(world.folder, "outside/kept"), "");
  await doctor(world, { home, fix: true });
  assert.deepEqual(inFolder(home, "staging"), []);
  assert.equal(readFileSync(join(world.folder, "outside/kept"), "utf8"), "");
});

test("after the root is given again, or generations are lost, an older serial is not taken", async () => {
  const old = pastRepository(world);
  const lost = copyOf(sound, join(world.folder, "lost-generations"));
  rmSync(join(lost, "generations"), { recursive: true });
  for (const set of inFolder(lost, "trust")) tear(join(set, "root.json"));
  const config = JSON.parse(readFileSync(join(lost, "config.json"), "utf8"));
  writeFileSync(join(lost, "config.json"), JSON.stringify({ ...config, repository: old }));
  const request = installRequest(world, channel, { home: lost, from: old });
  await assert.rejects(install(world, request), (error) => isEngineryError(error, "trust-rollback"));
  await assert.rejects(
    install(world, { ...request, rootSha256: undefined }),
    (error) => isEngineryError(error, "home-damaged") && /--root FILE/.test(error.hint),
  );
});
